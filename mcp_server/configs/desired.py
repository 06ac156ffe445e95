"""Desired state: what a master, with its overlays, asks of an agent's config."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mcp_server.clients.claude import API_KEY
from mcp_server.configs.dialects import CLAUDE, Dialect
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.json_text import canonical
from mcp_server.kernel.pointer import ABSENT, Value, keys_of, pointer


@dataclass(frozen=True)
class Desired:
    """What a master asks for, by pointer; `left_out` says what of it is not handed on, and why."""

    values: Mapping[str, Value] = field(repr=False)
    left_out: tuple[str, ...] = ()
    dialect: Dialect = CLAUDE

    @cached_property
    def digest(self) -> str:
        """Equal for masters that ask for the same."""
        return digest([[at, digest(value)] for at, value in self.values.items()])


def overlaid(master: Mapping[str, Json], overlay: Mapping[str, Json]) -> dict[str, Json]:
    """The master with the overlay of a role or an agent applied; `null` removes a key or a server of the master."""
    merged = dict(master)
    for key, value in overlay.items():
        below = merged.get(key)
        if key == CLAUDE.servers and isinstance(value, dict) and isinstance(below, dict):
            merged[key] = overlaid(below, value)
        elif value is None:
            merged.pop(key, None)
        else:
            merged[key] = value
    return merged


def desired_of(master: Mapping[str, Json], dialect: Dialect = CLAUDE) -> Desired:
    """What a master asks for.

    Live state and Anthropic API keys are left out: a master is often a copy of somebody's own config, and would hand
    one agent's identity, trust and approvals to all the others. Raises `invalid` for servers that are not objects.
    """
    values: dict[str, Value] = {}
    left_out: list[str] = []
    for at, value in _pointers(master, dialect):
        keys = keys_of(at)
        if dialect.is_live(keys):
            left_out.append(f"{at} in the master is live state of each agent: left out")
        elif _holds_api_key({keys[-1]: value}):
            left_out.append(f"{at} in the master carries {API_KEY}: left out, logins are by OAuth only")
        else:
            values[at] = value
    return Desired(values, tuple(left_out), dialect)


def digest(value: Value) -> str:
    """Equal for equal values, however they are spelled; empty for ABSENT."""
    return "" if value is ABSENT else hashlib.sha256(canonical(value).encode()).hexdigest()


def _pointers(members: Mapping[str, Json], dialect: Dialect, *above: str) -> Iterator[tuple[str, Json]]:
    for key, value in members.items():
        if key == dialect.servers and not above:
            yield from _servers(value, dialect)
        elif dialect.deep and isinstance(value, dict) and value:
            yield from _pointers(value, dialect, *above, key)
        else:
            yield pointer(*above, key), value


def _servers(servers: Json, dialect: Dialect) -> Iterator[tuple[str, Json]]:
    if not isinstance(servers, dict):
        raise OpsError("invalid", f"{dialect.servers} in the master is not an object", "Make it {name: server, ...}")
    for name, server in servers.items():
        if not isinstance(server, dict):
            problem = f"the MCP server {shown(name)} in the master is not an object"
            raise OpsError("invalid", problem, "Give it a command or a url, or remove it from the master")
        yield pointer(dialect.servers, name), server


def _holds_api_key(value: Json) -> bool:
    """Whether an Anthropic API key is set somewhere in a value: as a variable, or in an argument."""
    if isinstance(value, dict):
        return API_KEY in value or any(map(_holds_api_key, value.values()))
    if isinstance(value, list):
        return any(map(_holds_api_key, value))
    return isinstance(value, str) and value.startswith(f"{API_KEY}=")
