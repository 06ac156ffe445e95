"""Finds secrets in text, and redacts them."""

import re
from functools import cache, partial
from typing import Final

from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.secrets.named import HARMLESS, MARKS, NAMED, PLACEHOLDERS, PLAIN, WORDS
from mcp_server.kernel.secrets.spread import candidates
from mcp_server.kernel.secrets.vendors import ANYWHERE, AT_A_WORD, WORD_START

_Rules = tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]

REDACTED: Final = "[redacted]"
_BEGIN, _END = (rf"-----{word} [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----" for word in ("BEGIN", "END"))
# A whole key; one without its end, line by line; one without its beginning.
_PEM: Final = lazy_pattern(
    rf"{_BEGIN}(?:.{{0,20000}}?{_END}|(?:[\s\\rn\"'+,|>]*[A-Za-z0-9+/=]{{20,}})*)"
    rf"|(?:[A-Za-z0-9+/=]{{16,}}\s{{1,4}}){{1,200}}{_END}",
    re.DOTALL,
)
_MARKED: Final = lazy_pattern("|".join(MARKS), re.IGNORECASE)


def scrub(text: str) -> str:
    """`text` with every secret replaced by `[redacted]`."""
    if "PRIVATE KEY" in text:
        text = _PEM.sub(REDACTED, text)
    keys, named = _rules()
    lines = _without(keys, text).split("\n")
    marked = [_MARKED.search(line) is not None for line in lines]
    cleaned = [_without(named, line) if mark else line for line, mark in zip(lines, marked, strict=True)]
    for number, value in candidates(lines, marked):
        if _without(named, f"password={value}") != f"password={value}":
            cleaned[number] = cleaned[number].replace(value, REDACTED)
    return "\n".join(cleaned)


def _without(rules: _Rules, text: str) -> str:
    for pattern, harmless in rules:
        text = pattern.sub(partial(_redacted, harmless), text)
    return text


def _redacted(harmless: re.Pattern[str], found: re.Match[str]) -> str:
    key = found[0].removesuffix(found["rest"])
    return found[0] if harmless.search(key) else found["before"] + REDACTED


@cache
def _rules() -> tuple[_Rules, _Rules]:
    """The patterns of keys, and those of named values, each with the pattern of what it matches in vain."""
    plain, harmless, placeholders = (re.compile("|".join(members)) for members in (PLAIN, HARMLESS, PLACEHOLDERS))
    vendors = (("", "|".join(ANYWHERE)), (WORD_START, "|".join(AT_A_WORD)))
    keys = [rf"(?P<before>{before})(?:{key})(?P<rest>[\w+/=-]*)" for before, key in vendors]
    named = [(f"(?i:(?P<before>{before})(?:{value}))(?P<rest>)", harmless) for before, value in NAMED]
    words = [(f"(?P<before>{before})(?:{value})(?P<rest>)", placeholders) for before, value in WORDS]
    return (
        tuple((re.compile(pattern, re.MULTILINE), plain) for pattern in keys),
        tuple((re.compile(pattern), exceptions) for pattern, exceptions in named + words),
    )
