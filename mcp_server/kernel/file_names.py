"""File names made from a caller's words."""

import re
import unicodedata
from collections.abc import Collection

from mcp_server.kernel.caller_text import line
from mcp_server.kernel.errors import OpsError

_MOST = 60
_MOST_TITLE = 200


def require_title(title: str, of: str) -> None:
    """Raise `invalid` if `title` cannot be the title of a page about `of`, such as `the problem`."""
    if fault := _title_fault(title):
        raise OpsError("invalid", fault, f"Give {of} in one line of plain words")


def _title_fault(title: str) -> str | None:
    if not line(title):
        return "the title is empty"
    if len(title) > _MOST_TITLE:
        return f"the title has {len(title):,} characters, at most {_MOST_TITLE} are allowed"
    if odd := next((c for c in title if unicodedata.category(c) in ("Cc", "Zl", "Zp")), None):
        return f"the title contains a line break or control character ({odd!r})"
    return "the title contains '../', like a path" if "../" in title else None


def slug(words: str, otherwise: str) -> str:
    """`words` as lower-case ASCII joined by hyphens, at most 60 characters; `otherwise` if nothing is left."""
    plain = unicodedata.normalize("NFKD", line(words)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MOST].rstrip("-") or otherwise


def free_name(base: str, taken: Collection[str]) -> str:
    """`base`, with a number appended if it is in `taken`; upper and lower case count as equal."""
    known, number = {name.casefold() for name in taken}, 1
    while (name := base if number == 1 else f"{base}-{number}") in known:
        number += 1
    return name
