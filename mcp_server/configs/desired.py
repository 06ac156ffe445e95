"""Desired state: what a master, with its overlays, asks of an agent's config."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from mcp_server.clients.claude import API_KEY
from mcp_server.configs.dialects import CLAUDE, Dialect
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.json_layout import canonical
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
        return digest([[at, digest(value)] for at, value in sorted(self.values.items())])


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
    _check_servers(master.get(dialect.servers, {}), dialect)
    values: dict[str, Value] = {}
    left_out: list[str] = []
    servers = cast("dict[str, Json]", master.get(dialect.servers, {}))
    with_key = {pointer(dialect.servers, name): server for name, server in servers.items() if _holds_api_key(server)}
    found = (item for item in leaves(master, dialect) if pointer(*keys_of(item[0])[:2]) not in with_key)
    for at, value in (*found, *with_key.items()):
        keys = keys_of(at)
        if keys == (dialect.servers,):
            continue
        if dialect.is_live(keys):
            left_out.append(f"{at} in the master is live state of each agent: left out")
        elif keys[0] == "__proto__":
            left_out.append(f"{at} in the master is a name that JavaScript programs drop: left out")
        elif _holds_api_key({keys[-1]: value}):
            left_out.append(f"{at} in the master carries {API_KEY}: left out, logins are by OAuth only")
        else:
            values[at] = value
    return Desired(values, tuple(left_out), dialect)


def leaves(members: Mapping[str, Json], dialect: Dialect, *above: str) -> Iterator[tuple[str, Json]]:
    """By pointer: every value that is not an object, every empty object, and live state as a whole."""
    pending = [iter([((*above, key), value) for key, value in members.items()])]
    while pending:
        for keys, value in pending[-1]:
            if isinstance(value, dict) and value and not dialect.is_live(keys):
                pending.append(iter([((*keys, key), member) for key, member in value.items()]))
                break
            yield pointer(*keys), value
        else:
            pending.pop()


def digest(value: Value) -> str:
    """Equal for equal values, however they are spelled; empty for ABSENT."""
    return "" if value is ABSENT else hashlib.sha256(canonical(value).encode()).hexdigest()


def _check_servers(servers: Json, dialect: Dialect) -> None:
    if not isinstance(servers, dict):
        raise OpsError("invalid", f"{dialect.servers} in the master is not an object", "Make it {name: server, ...}")
    for name, server in servers.items():
        if not isinstance(server, dict):
            problem = f"the MCP server {shown(name)} in the master is not an object"
            raise OpsError("invalid", problem, "Give it a command or a url, or remove it from the master")


def _holds_api_key(value: Json) -> bool:
    """Whether an Anthropic API key is set somewhere in a value: as a variable, or in an argument."""
    pending = [value]
    while pending:
        match pending.pop():
            case dict() as members:
                if API_KEY in members:
                    return True
                pending += members.values()
            case list() as members:
                pending += members
            case str() as text if text.startswith(f"{API_KEY}="):
                return True
            case _:
                pass
    return False
