"""The detector's patterns for `grep -E`, as the commit hook uses them: they find the same as the detector."""

import re
from collections.abc import Iterator
from typing import Final

from mcp_server.kernel.secrets.detector import WORD_START
from mcp_server.kernel.secrets.named import HARMLESS, NAMED, PLAIN
from mcp_server.kernel.secrets.vendors import ANYWHERE, AT_A_WORD

_PARTS: Final = re.compile(r"\[(\^?)((?:\\.|[^\]\\])+)\]|\{[0-9,]+\}|.", re.DOTALL)
_LONGEST: Final = re.compile(r"\{([01]),[0-9]{2,}\}")
_BEGIN: Final = "# secrets: begin\n"
_END: Final = "# secrets: end\n"
_REPEATED: Final = re.compile(r"\{([0-9]+)(?:,[0-9]*)?\}")
_CLASSES: Final[dict[str, str]] = {
    r"\w": "A-Za-z0-9_",
    r"\s": "[:space:]",
    r"\n": "",
    r"\t": "[:blank:]",
    "\t": "[:blank:]",
}


def shell_lines() -> str:
    """Assignments for `sh`: `keys` and `named` find candidates, `plain` and `harmless` what is none of them.

    `hint` finds all lines with a candidate and some more, in a third of the time: most commits need only that.
    """
    patterns = {
        "keys": [*map(_rendered, ANYWHERE), f"{_rendered(WORD_START)}({'|'.join(map(_rendered, AT_A_WORD))})"],
        "named": [_any_case(before + value) for before, value in NAMED],
        "plain": list(map(_rendered, PLAIN)),
        "harmless": list(map(_rendered, HARMLESS)),
    }
    patterns["hint"] = [_hint(pattern) for name in ("keys", "named") for pattern in patterns[name]]
    return "".join(f"{name}={_quoted('|'.join(members))}\n" for name, members in patterns.items())


def with_patterns(script: str) -> str:
    """The script of the hook with the patterns between its two marks."""
    head, _, rest = script.partition(_BEGIN)
    return head + _BEGIN + shell_lines() + _END + rest.partition(_END)[2]


def _hint(pattern: str) -> str:
    """Without the numbers of repetitions, which make a pattern slow to prepare."""
    return _REPEATED.sub(lambda found: "*" if found[1] == "0" else "+", pattern)


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
    middle = "".join(member for member in members if member not in ("]", "-"))
    return f"[{part['not']}{first}{middle}{last}]"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"
