"""Settings of Claude Code: JSON whose lists are sets, in which each member is owned by itself.

A session appends what its human allows to `permissions.allow`, and the guard installs a hook beside the others. So a
list becomes an object of its members here, each under `- ` and a digest of it.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from mcp_server.kernel.document import Json
from mcp_server.kernel.json_edit import edit_json
from mcp_server.kernel.json_layout import canonical
from mcp_server.kernel.json_text import parse_object
from mcp_server.kernel.pointer import ABSENT, Value, keys_of, pointer, value_at

_MEMBER: Final = "- "


def parse(text: str, source: object) -> dict[str, Json]:
    """The settings in a text, with an object in place of each list."""
    return {key: _by_member(value) for key, value in parse_object(text, source).items()}


def edit(text: str, values: Mapping[str, Value]) -> str:
    """`text` with these values at their pointers, which may lead to members of a list."""
    document = parse_object(text, "the settings")
    changes = {at: value for at, value in values.items() if not keys_of(at)[-1].startswith(_MEMBER)}
    members = {at: value for at, value in values.items() if at not in changes}
    for at in dict.fromkeys(pointer(*keys_of(at)[:-1]) for at in members):
        old = value_at(document, at)
        before = {_name(member): member for member in (old if isinstance(old, list) else ())}
        here = {
            keys_of(member)[-1]: value for member, value in members.items() if member.startswith(f"{at}/{_MEMBER}")
        }
        kept = [member for name, member in before.items() if here.get(name) is not ABSENT]
        changes[at] = kept + [
            value[0] for name, value in here.items() if name not in before and isinstance(value, list)
        ]
    return edit_json(text, changes)


def _by_member(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _by_member(member) for key, member in value.items()}
    if isinstance(value, list) and value:
        return {_name(member): [member] for member in value}
    return value


def _name(member: Json) -> str:
    return _MEMBER + hashlib.sha256(canonical(member).encode()).hexdigest()[:12]
