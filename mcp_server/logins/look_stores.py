"""Finds the credential stores of a fleet and the agents that use each. It reads files only."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePosixPath

from mcp_server.clients import claude
from mcp_server.fleet.look_containers import AgentContainer, agent_containers
from mcp_server.fleet.look_env import env_folders
from mcp_server.kernel.inventory import Agent
from mcp_server.logins.codex_and_gemini import CODEX_AND_GEMINI, ClientStore
from mcp_server.logins.look_store import host_store, read_store
from mcp_server.logins.store import Store
from mcp_server.operation.context import Context


def look_at_stores(ctx: Context) -> tuple[Store, ...]:
    """Every store of the fleet, the host's first. Two names of one folder are one store."""
    stores = (read_store(ctx.world, folder, tuple(agents)) for folder, agents in _users(ctx).items())
    return (*stores, *_of_other_clients(ctx))


def _users(ctx: Context) -> dict[Path, list[str]]:
    """The agents that use each store, or have it in their folder. The host's store is first, used or not."""
    host = ctx.world.files.real(host_store(ctx))
    users: dict[Path, list[str]] = {host: []}
    containers = agent_containers(ctx)
    for agent in ctx.fleet.agents:
        folders = {ctx.world.files.real(folder) for folder in _own(ctx, agent)}
        if agent.run_mode == "docker":
            folders |= set(_mounted(containers.get(agent.name), host))
        elif agent.client == "claude" and not folders:
            folders = {host}
        for folder in sorted(folders):
            users.setdefault(folder, []).append(agent.name)
    return users


def _own(ctx: Context, agent: Agent) -> list[Path]:
    """The folders of the agent's own stores: in its folder, and where its environments point."""
    world = ctx.world
    folders = [agent.folder, agent.folder / claude.CONFIG_FOLDER]
    if config := world.environment.get(claude.CONFIG_DIR):
        folders += [folder] if (folder := world.cwd / config).is_relative_to(agent.folder) else []
    held = [folder for folder in dict.fromkeys(folders) if world.files.holds(folder, [claude.STORE_FILE])]
    running = [_first(process.folders, claude.STORE_VARIABLES) for process in ctx.running.get(agent.name, ())]
    return [*held, *env_folders(world, agent), *(folder for folder in running if folder)]


def _mounted(container: AgentContainer | None, host: Path) -> list[Path]:
    """The stores of a container as folders of the host. Without a variable: a mounted config folder, or `host`."""
    if container is None:
        return []
    if folder := container.folder(claude.STORE_VARIABLES):
        store = container.on_host(f"{folder}/{claude.STORE_FILE}")
        return [store.parent] if store else []
    sources = [(Path(mount.source), PurePosixPath(mount.target).name) for mount in container.mounts]
    usual = [source for source, name in sources if name == claude.CONFIG_FOLDER]
    return usual or [host for source, _ in sources if source in (host, host / claude.STORE_FILE)][:1]


def _of_other_clients(ctx: Context) -> Iterator[Store]:
    """The stores of Codex and Gemini that exist. A missing one is no problem: the `.env` may hold a key."""
    for other in CODEX_AND_GEMINI:
        users: dict[Path, list[str]] = {}
        for agent in ctx.fleet.agents:
            if agent.client == other.client:
                for folder in _folders_of_other(ctx, agent, other):
                    users.setdefault(ctx.world.files.real(folder), []).append(agent.name)
        for folder, agents in users.items():
            if ctx.world.files.holds(folder, [other.file]):
                yield read_store(ctx.world, folder, tuple(agents), other)


def _folders_of_other(ctx: Context, agent: Agent, other: ClientStore) -> set[Path]:
    home = str(ctx.world.home)
    if agent.run_mode == "docker":
        container = agent_containers(ctx).get(agent.name)
        named = container and container.folder([other.variable])
        folder = container.on_host(other.path(named, home)) if container and named else None
        return {folder} if folder else set()
    running = [process.folders.get(other.variable) for process in ctx.running.get(agent.name, ())]
    named = [str(folder) for folder in (*running, *env_folders(ctx.world, agent, (other.variable,))) if folder]
    return {Path(other.path(name, home)) for name in named or [None]}


def _first(folders: Mapping[str, Path], names: Collection[str]) -> Path | None:
    return next((folders[name] for name in names if name in folders), None)
