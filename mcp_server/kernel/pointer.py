"""JSON pointers (RFC 6901) to members of objects.

A list is one value here: no pointer leads into it, because its numbering shifts under whoever else edits it.
"""

from enum import Enum
from typing import Final

from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError, shown


class _Absent(Enum):
    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT
"Nothing is there; `null` is something."

Value = Json | _Absent


def pointer(*keys: str) -> str:
    """`pointer("mcpServers", "a/b")` -> `/mcpServers/a~1b`."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


def keys_of(text: str) -> tuple[str, ...]:
    """The keys of a pointer; the empty pointer, the whole document, has none."""
    if text and not text.startswith("/"):
        raise OpsError("invalid", f"{shown(text)} is not a JSON pointer", "Start it with a slash: /mcpServers/name")
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in text.split("/")[1:])


def value_at(document: Json, text: str) -> Value:
    """What stands at the pointer."""
    value: Value = document
    for key in keys_of(text):
        value = value.get(key, ABSENT) if isinstance(value, dict) else ABSENT
    return value


def with_value(document: dict[str, Json], text: str, value: Value) -> dict[str, Json]:
    """A copy of `document` in which `value` stands at the pointer, or nothing for ABSENT.

    Missing objects on the way are made; `invalid` where something else than an object is in the way.
    """
    if not text:
        raise OpsError("invalid", "the empty pointer is the whole document", "Name a key: /mcpServers/name")
    key, *rest = keys_of(text)
    if rest:
        child = document.get(key, {})
        if not isinstance(child, dict):
            raise OpsError("invalid", f"{pointer(key)} is not an object", f"Make {pointer(key)} an object")
        if value is ABSENT and key not in document:
            return document
        return {**document, key: with_value(child, pointer(*rest), value)}
    if value is ABSENT:
        return {name: member for name, member in document.items() if name != key}
    return {**document, key: value}
