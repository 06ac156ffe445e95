"""Finds secrets in text, and redacts them."""

import re
from functools import cache, partial
from typing import Final

from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.secrets.named import HARMLESS, NAMED, PLAIN
from mcp_server.kernel.secrets.vendors import ANYWHERE, AT_A_WORD

REDACTED: Final = "[redacted]"
WORD_START: Final = r"(^|[^\w]|[\\][nrt])"
_PEM: Final = lazy_pattern(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)"
    r"|(?:[A-Za-z0-9+/=]{16,}\s{1,4}){1,200}-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----",
    re.DOTALL,
)


def scrub(text: str) -> str:
    """`text` with every secret replaced by `[redacted]`."""
    if "PRIVATE KEY" in text:
        text = _PEM.sub(REDACTED, text)
    for pattern, harmless in _rules():
        text = pattern.sub(partial(_redacted, harmless), text)
    return text


def _redacted(harmless: re.Pattern[str], found: re.Match[str]) -> str:
    return found[0] if harmless.search(found[0]) else found["before"] + REDACTED


@cache
def _rules() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """The patterns of secrets, each with the pattern of what it matches in vain."""
    plain, harmless = re.compile("|".join(PLAIN)), re.compile("|".join(HARMLESS))
    keys = (f"(?P<before>)(?:{'|'.join(ANYWHERE)})", f"(?P<before>{WORD_START})(?:{'|'.join(AT_A_WORD)})")
    named = (f"(?i:(?P<before>{before})(?:{value}))" for before, value in NAMED)
    return (
        *((re.compile(pattern, re.MULTILINE), plain) for pattern in keys),
        *((re.compile(pattern, re.MULTILINE), harmless) for pattern in named),
    )
