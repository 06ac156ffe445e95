"""Text on its way to a terminal or a model: characters that would act there, or hide something, become visible."""

from __future__ import annotations

import re

from mcp_server.kernel.lazy_pattern import lazy_pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mcp_server.kernel.document import Json

HIDDEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
)
"""Control characters, changes of the writing direction, invisible tags, half surrogates, as a class of a pattern.
Joiners are not in it: emoji and Persian need them."""
_ACTING = lazy_pattern(f"[\r\u2028\u2029{HIDDEN}]")


def visible(text: str) -> str:
    """The text with such characters as JSON escapes (`\\u001b`); line ends become newlines, and tabs stay.

    In a JSON document the escapes stand for the same characters as before: nothing is lost.
    """
    return _ACTING.sub(_escaped, text.replace("\r\n", "\n")) if _ACTING.search(text) else text


def visible_values(document: Json) -> Json:
    """A document with every text in it visible."""
    match document:
        case str():
            return visible(document)
        case list():
            return [visible_values(value) for value in document]
        case dict():
            return {visible(name): visible_values(value) for name, value in document.items()}
        case _:
            return document


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
