"""The detector's patterns for `grep -E`, as the hooks of git use them: they find the same as the detector."""

import re
from collections.abc import Iterator
from typing import Final

from mcp_server.kernel.secrets.named import HARMLESS, MARKS, NAMED, PLACEHOLDERS, PLAIN, WORDS
from mcp_server.kernel.secrets.vendors import ANYWHERE, AT_A_WORD, WORD_START

_PARTS: Final = re.compile(r"\[(\^?)((?:\\.|[^\]\\])+)\]|\{[0-9,]+\}|.", re.DOTALL)
_LONGEST: Final = re.compile(r"\{([01]),[0-9]{2,}\}")
_COUNT: Final = re.compile(r"\{([0-9]+)(?:,[0-9]*)?\}")
_LEAD: Final = re.compile(r"(?:[^\[({|]|\[[^\]]\]){3,}[\[(]")
_BEGIN: Final = "# secrets: begin\n"
_END: Final = "# secrets: end\n"
_CLASSES: Final[dict[str, str]] = {
    r"\w": "A-Za-z0-9_",
    r"\s": "[:space:]",
    r"\r": "[:space:]",
    r"\t": "[:blank:]",
    "\t": "[:blank:]",
}


def shell_lines() -> str:
    """Assignments for `sh`: `keys`, `named` and `words` find candidates, the others what is none of them.

    `hint` finds all lines with a candidate and more, in a third of the time: most texts need only that.
    """
    patterns = {
        "keys": [*map(_rendered, ANYWHERE), f"{_rendered(WORD_START)}({'|'.join(map(_rendered, AT_A_WORD))})"],
        "named": [_any_case(before + value) for before, value in NAMED],
        "words": [_rendered(before + value) for before, value in WORDS],
        "plain": list(map(_rendered, PLAIN)),
        "harmless": list(map(_rendered, HARMLESS)),
        "placeholders": list(map(_rendered, PLACEHOLDERS)),
        "hint": [
            *map(_any_case, MARKS),
            *_leads(ANYWHERE),
            f"{_rendered(WORD_START)}({'|'.join(_leads(AT_A_WORD))})",
        ],
    }
    return "".join(f"{name}={_quoted('|'.join(members))}\n" for name, members in patterns.items())


def with_patterns(script: str) -> str:
    """The script of the hook with the patterns between its two marks."""
    head, _, rest = script.partition(_BEGIN)
    return head + _BEGIN + shell_lines() + _END + rest.partition(_END)[2]


def _leads(patterns: tuple[str, ...]) -> Iterator[str]:
    """How each alternative begins; the whole of it without numbers of repetitions if it begins with no text."""
    for alternative in (part for pattern in patterns for part in _alternatives(pattern)):
        lead = _LEAD.match(alternative)
        yield lead[0][:-1] if lead else _COUNT.sub(_any_number, _rendered(alternative))


def _any_number(count: re.Match[str]) -> str:
    return "*" if count[1] == "0" else "+"


def _alternatives(pattern: str) -> Iterator[str]:
    depth, start = 0, 0
    for found in _PARTS.finditer(pattern):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if found[0] == "|" and depth == 0:
            yield pattern[start : found.start()]
            start = found.end()
    yield pattern[start:]


def _rendered(pattern: str) -> str:
    return "".join(_bracket(part) if part["inside"] else part["text"] for part in _parts(pattern))


def _any_case(pattern: str) -> str:
    parts = _parts(pattern)
    return "".join(_bracket(part) if part["inside"] else _letter(part["text"]) for part in parts)


def _parts(pattern: str) -> Iterator[dict[str, str]]:
    for found in _PARTS.finditer(pattern):
        yield {"text": found[0], "not": found[1] or "", "inside": found[2] or ""}


def _letter(text: str) -> str:
    if bounds := _LONGEST.fullmatch(text):  # no need for a limit without backtracking, and each step costs time
        return "+" if bounds[1] == "1" else "*"
    return f"[{text.upper()}{text.lower()}]" if len(text) == 1 and text.isalpha() and text.isascii() else text


def _bracket(part: dict[str, str]) -> str:
    """A bracket in POSIX's form: no escapes, `]` first and `-` last."""
    items: list[str] = re.findall(r"\\.|[^\\]-[^\\]|[^\\]", part["inside"], re.DOTALL)
    members: list[str] = [_CLASSES.get(item, item[1:] if item.startswith("\\") else item) for item in items]
    first, last = ("]" if "]" in members else ""), ("-" if "-" in members else "")
    middle = "".join(dict.fromkeys(member for member in members if member not in ("]", "-")))
    return f"[{part['not']}{first}{middle}{last}]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"
