"""Edits of JSON text in place: every byte outside of the values that change stays, comments too."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mcp_server.kernel.document import Json
from mcp_server.kernel.json_layout import Layout, layout_of, name, written
from mcp_server.kernel.json_text import structure
from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.pointer import ABSENT, Value, keys_of

_SKIP: Final = json.JSONDecoder(parse_float=str, parse_int=str)
_MARK: Final = lazy_pattern(r'"(?:[^"\\]|\\.)*+"|[{}\[\]]', re.DOTALL)
_BLANK: Final = " \t\r\n"


@dataclass(frozen=True)
class _Member:
    """Where a member of an object is: its key, its value, and the end of both."""

    key: str
    start: int
    value: int
    end: int


@dataclass(frozen=True)
class _Place:
    """Where keys lead to: `object` is the start of the last object on the way, `member` what it has for the key."""

    object: int
    members: tuple[_Member, ...]
    depth: int
    member: _Member | None


def edit_json(text: str, values: Mapping[str, Value], *, comments: bool = False) -> str:
    """The text with these values at their pointers; ABSENT removes one. A value in their way becomes an object."""
    layout = layout_of(structure(text, comments=comments))
    for at, value in sorted(values.items(), key=lambda item: item[1] is not ABSENT):
        keys = keys_of(at)
        if value is not ABSENT:
            text = _set(text, structure(text, comments=comments), keys, value, layout)
            continue
        while (found := _find(bare := structure(text, comments=comments), keys)).member and found.depth + 1 == len(
            keys
        ):
            text = _removed(text, bare, found, found.member)
    return text


def line_of(text: str, at: str) -> int:
    """The number of the line in which the member at a pointer begins, or the object that lacks it."""
    place = _find(structure(text), keys_of(at))
    return text.count("\n", 0, place.member.start if place.member else place.object) + 1


def _find(bare: str, keys: Sequence[str]) -> _Place:
    start = _skip(bare, 0)
    for depth, key in enumerate(keys):
        members = tuple(_members(bare, start))
        member = next((member for member in reversed(members) if member.key == key), None)  # of two, the last counts
        if member is None or depth + 1 == len(keys) or bare[member.value] != "{":
            return _Place(start, members, depth, member)
        start = member.value
    raise AssertionError(keys)


def _members(bare: str, start: int) -> Iterator[_Member]:
    at = _skip(bare, start + 1)
    while bare[at] != "}":
        key, end = _SKIP.raw_decode(bare, at)
        value = _skip(bare, bare.index(":", end) + 1)
        yield (member := _Member(key, at, value, _end(bare, value)))
        at = _skip(bare, member.end)
        at = _skip(bare, at + 1) if bare[at] == "," else at


def _end(bare: str, start: int) -> int:
    try:
        return _SKIP.raw_decode(bare, start)[1]
    except RecursionError:
        depth = 0
        for mark in _MARK.finditer(bare, start):
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(mark[0], 0)
            if not depth:
                return mark.end()
        raise


def _set(text: str, bare: str, keys: Sequence[str], value: Json, layout: Layout) -> str:
    place = _find(bare, keys)
    for key in reversed(keys[place.depth + 1 :]):
        value = {key: value}
    if place.member is None:
        return _added(text, bare, place, keys[place.depth], value, layout)
    member, line = place.member, _line_of(bare, place.member.start, layout)
    new = written(value, layout if line else _on_one_line(layout), line)
    return text[: member.value] + new + text[member.end :]


def _added(  # noqa: PLR0913, PLR0917
    text: str, bare: str, place: _Place, key: str, value: Json, layout: Layout
) -> str:
    last = place.members[-1] if place.members else None
    after = last.end if last else place.object + 1
    close = bare.index("}", after)
    kept = text[after:close].rstrip(_BLANK)  # comments
    outer = layout.newline + _indentation(bare, place.object)
    line = _line_of(bare, place.members[0].start, layout) if last else outer + layout.indent if layout.indent else ""
    if not line and "//" in kept:
        line = outer + "  "
    new = name(key, layout) + written(value, layout if line else _on_one_line(layout), line)
    if last:
        return text[:after] + "," + kept + (line or layout.gap) + new + text[after + len(kept) :]
    return text[:after] + kept + line + new + (outer if line else "") + text[close:]


def _removed(text: str, bare: str, place: _Place, member: _Member) -> str:
    number = place.members.index(member)
    before = place.members[number - 1] if number else None
    if number + 1 < len(place.members):
        return _without_line(text, member.start, bare.index(",", member.end) + 1)
    close = bare.index("}", member.end)
    if before is None:
        is_alone = not (text[place.object + 1 : member.start] + text[member.end : close]).strip(_BLANK)
        return text[: place.object + 1] + text[close:] if is_alone else _without_line(text, member.start, member.end)
    comma = bare.index(",", before.end)
    if not text[comma + 1 : member.start].strip(_BLANK):
        return text[:comma] + text[member.end :]
    return text[:comma] + _without_line(text, member.start, member.end)[comma + 1 :]


def _without_line(text: str, start: int, end: int) -> str:
    """`text` without this part, and without its line if nothing else is on it."""
    indent = len(text[:start].rstrip(" \t"))
    rest = len(text) - len(text[end:].lstrip(" \t"))
    if text[:indent].endswith("\n") and text[rest : rest + 2].startswith(("\n", "\r\n")):
        return text[:indent] + text[text.index("\n", rest) + 1 :]
    return text[:start] + text[rest if start == indent or text[rest - 1] == " " else end :]


def _line_of(bare: str, start: int, layout: Layout) -> str:
    """The newline and indentation before a member; empty if others are on its line."""
    lead = bare[len(bare[:start].rstrip(_BLANK)) : start]
    return layout.newline + lead.rpartition("\n")[2] if "\n" in lead else ""


def _indentation(bare: str, at: int) -> str:
    line = bare[bare.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _on_one_line(layout: Layout) -> Layout:
    return replace(layout, indent=None)


def _skip(bare: str, at: int) -> int:
    while bare[at] in _BLANK:
        at += 1
    return at
