"""JSON pointers (RFC 6901) to members of objects.

A list is a single value here: no pointer leads into it, because positions shift when somebody else edits the list.
"""

from enum import Enum
from typing import Final

from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError, shown


class _Absent(Enum):
    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT
"There is no value; `null` is a value."

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
    """The value at the pointer, or ABSENT."""
    value: Value = document
    for key in keys_of(text):
        value = value.get(key, ABSENT) if isinstance(value, dict) else ABSENT
    return value


def with_value(document: dict[str, Json], text: str, value: Value) -> dict[str, Json]:
    """A copy of `document` with `value` at the pointer; ABSENT removes it.

    Missing objects on the way are created, also in place of other values.
    """
    if not text:
        raise OpsError("invalid", "the empty pointer is the whole document", "Name a key: /mcpServers/name")
    key, *rest = keys_of(text)
    if rest:
        child = document.get(key)
        if not isinstance(child, dict):
            if value is ABSENT:
                return document
            child = {}
        return {**document, key: with_value(child, pointer(*rest), value)}
    if value is ABSENT:
        return {name: member for name, member in document.items() if name != key}
    return {**document, key: value}
