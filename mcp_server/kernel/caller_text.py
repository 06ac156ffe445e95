"""Sanitising text from a caller before it is stored: no credentials, no invisible characters, a limited length, and
no markup that breaks out of its section."""

import re
import unicodedata

from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.secrets.detector import scrub
from mcp_server.kernel.visible import HIDDEN

_TITLE, _SUMMARY, _LOG, _LOG_LINES = 200, 4_000, 20_000, 200
_ANSI = lazy_pattern(r"\x1b\[[0-?]*[ -/]*[@-~]")
_INVISIBLE = lazy_pattern(f"[{HIDDEN}]")
_BLOCK = lazy_pattern(r"(?m)^([ \t]*)(#{1,6}(?=\s|$)|`{3}|~{3}|=+[ \t]*$|-+[ \t]*$)")


def line(text: str, limit: int = _TITLE) -> str:
    """The text on one line, without invisible characters and credentials, cut at `limit` characters."""
    return _cut(scrub(" ".join(_visible(text).split())), limit)


def block(text: str, limit: int = _SUMMARY) -> str:
    """The text as markdown that cannot open a heading, a fence or a comment, and thus stays in its section."""
    text = _cut(scrub(_visible(text).strip()), limit).replace("<", "\\<")
    return _BLOCK.sub(r"\1\\\2", text)


def log_tail(text: str) -> str:
    """The last lines of a log, with a note about how many were left out."""
    lines = scrub(_visible(text).strip("\n")).split("\n")
    tail = "\n".join(lines[-_LOG_LINES:])[-_LOG:]
    left_out = len(lines) - len(tail.split("\n"))
    return f"({left_out} earlier lines left out)\n{tail}" if left_out else tail


def shell_text(text: str) -> str:
    """A command with its line breaks, without invisible characters and credentials."""
    return scrub(_visible(text).strip("\n"))


def fenced(text: str, info: str) -> str:
    """`text` as a code block that nothing in it can close."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall(r"`+", text))])
    return f"{fence}{info}\n{text}\n{fence}"


def _visible(text: str) -> str:
    plain = unicodedata.normalize("NFC", _INVISIBLE.sub("", _ANSI.sub("", text)))
    return re.sub("\r\n?|[\u2028\u2029]", "\n", plain)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
