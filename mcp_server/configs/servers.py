"""MCP servers as a person sees them: one that is wholly missing or wholly dropped is a single change."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from mcp_server.configs.desired import digest
from mcp_server.configs.three_way import Difference
from mcp_server.kernel.document import Json
from mcp_server.kernel.pointer import ABSENT, Value, keys_of, pointer, value_at, with_value

_STARTS = ("command", "url", "httpUrl")
"One of these every server has: without it there is nothing to start or to connect to."


def by_server(differences: Iterable[Difference], servers: str) -> tuple[Difference, ...]:
    """These differences, with one for each server that either side lacks."""
    found: list[Difference] = []
    for at, group in groupby(differences, lambda d: _server_of(d.pointer, servers)):
        of_server = tuple(group)
        found.extend(_joined(at, tuple(filter(_has_a_side, of_server))) if at else of_server)
    return tuple(found)


def emptied(writes: Sequence[Difference], desired: Iterable[str], document: Json, servers: str) -> tuple[str, ...]:
    """The servers to remove as a whole: the master dropped them, and nothing to start would be left."""
    named = {_server_of(at, servers) for at in desired}
    removed = {at for d in writes if d.desired is ABSENT and (at := _server_of(d.pointer, servers)) not in named}
    gone = {d.pointer for d in writes if d.desired is ABSENT}
    return tuple(at for at in sorted(filter(None, removed)) if not _starts(document, at, gone))


def _starts(document: Json, at: str, gone: set[str]) -> bool:
    return any(f"{at}/{key}" not in gone and value_at(document, f"{at}/{key}") is not ABSENT for key in _STARTS)


def _server_of(at: str, servers: str) -> str | None:
    keys = keys_of(at)
    return pointer(*keys[:2]) if keys[0] == servers and len(keys) > 1 else None


def _joined(at: str, group: tuple[Difference, ...]) -> tuple[Difference, ...]:
    one_state = len({d.state for d in group}) == 1
    lacking = all(d.observed is ABSENT for d in group) or all(d.desired is ABSENT for d in group)
    if not (one_state and lacking):
        return group
    desired, observed = (_together(at, [(d.pointer, side(d)) for d in group]) for side in (_desired, _observed))
    return (Difference(at, group[0].state, desired, observed, (digest(desired), digest(observed))),)


def _has_a_side(d: Difference) -> bool:
    return (d.desired, d.observed) != (ABSENT, ABSENT)


def _desired(d: Difference) -> Value:
    return d.desired


def _observed(d: Difference) -> Value:
    return d.observed


def _together(at: str, values: Sequence[tuple[str, Value]]) -> Value:
    document: dict[str, Json] = {}
    for pointer_, value in values:
        document = with_value(document, pointer_, value)
    return value_at(document, at)
