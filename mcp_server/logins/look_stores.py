"""Finds the credential stores of a fleet and the agents that use each. It reads files only."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from mcp_server.clients import claude
from mcp_server.kernel.inventory import Agent
from mcp_server.logins.agent_login import AgentLogin
from mcp_server.logins.codex_and_gemini import CODEX_AND_GEMINI, ClientStore
from mcp_server.logins.look_agent_login import agent_logins, held_stores
from mcp_server.logins.look_store import host_store, other_host_store, read_store
from mcp_server.logins.store import Store
from mcp_server.operation.context import Context

Logins = Mapping[str, AgentLogin]


def look_at_stores(ctx: Context, logins: Logins | None = None) -> tuple[Store, ...]:
    """Every store of the fleet, the host's first. Two names of one folder are one store, as are two mounts of it."""
    logins = agent_logins(ctx) if logins is None else logins
    stores = (read_store(ctx.world, folder, tuple(agents)) for folder, agents in _users(ctx, logins).items())
    return (*stores, *(store for other in CODEX_AND_GEMINI for store in _of_other(ctx, other, logins)))


def _users(ctx: Context, logins: Logins) -> dict[Path, list[str]]:
    """The agents that use each store, or have it in their folder. The host's store is first, used or not.

    A store in the folder of an agent with a long-lived token is looked at, but not used.
    """
    host, identity = ctx.world.files.real(host_store(ctx)), ctx.world.files.identity
    users: dict[Path, list[str]] = {host: []}
    known = {identity(host): host}
    for agent in ctx.fleet.agents:
        login = logins[agent.name]
        mine = {login.store} if login.client == "claude" and login.store else set[Path]()
        held = {ctx.world.files.real(folder) for folder in (*held_stores(ctx, agent), *_running(ctx, agent))}
        for folder in {known.setdefault(identity(each), each): each for each in sorted(mine | held)}:
            users.setdefault(folder, []).extend([] if login.kind == "long_lived" else [agent.name])
    return users


def _running(ctx: Context, agent: Agent) -> list[Path]:
    """The stores that processes of the agent use, and ops itself where it is one."""
    found = [_first(process.folders, claude.STORE_VARIABLES) for process in ctx.running.get(agent.name, ())]
    config = ctx.world.environment.get(claude.CONFIG_DIR)
    own = ctx.world.cwd / config if config else None
    if own and own.is_relative_to(agent.folder) and ctx.world.files.holds(own, [claude.STORE_FILE]):
        found.append(own)
    return [folder for folder in found if folder]


def _of_other(ctx: Context, other: ClientStore, logins: Logins) -> Iterator[Store]:
    """The stores of Codex or Gemini that exist. A missing one is no problem: the `.env` may hold a key.

    Both write through a link: the store is the file that it leads to.
    """
    agents = [agent for agent in ctx.fleet.agents if agent.client == other.client]
    users: dict[Path, list[str]] = {path: [] for path in _files(ctx, other, [other_host_store(ctx, other)]) if agents}
    for agent in agents:
        running = (process.folders.get(other.variable) for process in ctx.running.get(agent.name, ()))
        named = (Path(other.path(str(folder), "")) for folder in running if folder)
        for path in _files(ctx, other, (logins[agent.name].store, *named, agent.folder / other.folder)):
            users.setdefault(path, []).append(agent.name)
    known: dict[object, Path] = {}
    for path in [*users]:
        first = known.setdefault(ctx.world.files.identity(path), path)
        if first != path:
            users[first] += users.pop(path)
    for path, names in users.items():
        yield read_store(ctx.world, path.parent, tuple(names), replace(other, file=path.name))


def _files(ctx: Context, other: ClientStore, folders: Iterable[Path | None]) -> set[Path]:
    files = ctx.world.files
    return {files.real(folder / other.file) for folder in folders if folder and files.holds(folder, [other.file])}


def _first(folders: Mapping[str, Path], names: Collection[str]) -> Path | None:
    return next((folders[name] for name in names if name in folders), None)
