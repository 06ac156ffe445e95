"""The credential stores of a fleet: where they are, who uses them, in what state they are. It reads files alone."""

import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from mcp_server.clients.claude import LOCK_DIES_AFTER, REFRESH_LOCK, STORE_FILE, STORE_VARIABLES
from mcp_server.fleet.look_containers import AgentContainer, agent_containers
from mcp_server.fleet.look_env import env_folders
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.logins.claude_login import State, is_due, state_of
from mcp_server.logins.claude_login import parse as parse_login
from mcp_server.logins.other_login import OTHERS, OtherClient
from mcp_server.operation.context import Context
from mcp_server.operation.world import World


@dataclass(frozen=True)
class StoreLook:
    """One store as it stood a moment ago. `path` is the store's file; `problems` say why it could not be read.

    `agents` use this store or hold it in their folder. `generation` tells refresh tokens apart, as a fingerprint.
    """

    path: Path
    state: State
    access_expires_at: datetime | None
    login_expires_at: datetime | None
    generation: str | None
    agents: tuple[str, ...]
    client: str = "claude"
    "The client whose login it is."
    problems: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return self.path.parent

    def is_due(self, now: datetime) -> bool:
        """Whether Claude Code has to renew the access token, and still can; other clients see to theirs."""
        alive = self.client == "claude" and self.state in ("access_lapsed", "login_ending", "busy")
        return alive and self.generation is not None and is_due(self.access_expires_at, now)


def look(ctx: Context) -> tuple[StoreLook, ...]:
    """Every store of the fleet, the host's first. Two names of one folder are one store."""
    logins = (look_at(ctx.world, folder, tuple(agents)) for folder, agents in _users(ctx).items())
    return (*logins, *_others(ctx))


def unseen_agents(ctx: Context, looks: tuple[StoreLook, ...]) -> tuple[str, ...]:
    """The agents that run Claude Code with a login that was not found: containers that mount none of the stores."""
    seen = {name for store in looks for name in store.agents}
    return tuple(a.name for a in ctx.fleet.agents if a.client == "claude" and a.name not in seen)


def look_at(world: World, folder: Path, agents: tuple[str, ...], other: OtherClient | None = None) -> StoreLook:
    """The store in one folder, as it stands now: Claude Code's, or that of another client."""
    path = folder / (other.file if other else STORE_FILE)
    nothing = StoreLook(path, "absent", None, None, None, agents, client=other.client if other else "claude")
    try:
        data = world.files.read(path)
    except OpsError as error:
        return _in_keychain(nothing) if error.kind == "not_found" else _unreadable(nothing, error.message)
    try:
        login = other.parse(data) if other else parse_login(data)
    except OpsError as error:
        return _unreadable(nothing, f"{path} holds no login that can be read: {error.message}")
    if login is None:
        return replace(nothing, problems=(f"{path} holds no login",))
    refreshing = other is None and is_refreshing(world, folder)
    return replace(
        nothing,
        state=state_of(login, world.clock.now(), refreshing=refreshing),
        access_expires_at=login.access_expires_at,
        login_expires_at=login.login_expires_at,
        generation=login.generation,
    )


def lock_age(world: World, folder: Path) -> timedelta | None:
    """How long ago the holder of the store's refresh lock gave a sign of life; None where nobody holds it."""
    lock = folder / REFRESH_LOCK
    try:
        return None if world.files.kind(lock) == "absent" else world.clock.now() - world.files.modified(lock)
    except OpsError:
        return None


def is_refreshing(world: World, folder: Path) -> bool:
    age = lock_age(world, folder)
    return age is not None and age <= LOCK_DIES_AFTER


def host_store(ctx: Context) -> Path:
    """The config folder that holds the host's login: `fleet.toml`, the caller's environment, else `~/.claude`."""
    world = ctx.world
    if ctx.fleet.store:
        return ctx.fleet.store
    if storage := world.environment.get("CLAUDE_SECURESTORAGE_CONFIG_DIR"):
        return world.cwd / storage
    config = world.environment.get("CLAUDE_CONFIG_DIR")
    if config and ctx.fleet.holding(world.cwd / config) is None:
        return world.cwd / config
    return world.home / ".claude"


def _users(ctx: Context) -> dict[Path, list[str]]:
    """Each store's folder, and the agents that use it or hold it; the host's comes first, used or not."""
    host = ctx.world.files.real(host_store(ctx))
    users: dict[Path, list[str]] = {host: []}
    containers = agent_containers(ctx)
    for agent in ctx.fleet.agents:
        folders = {ctx.world.files.real(folder) for folder in _own(ctx, agent)}
        if agent.run_mode == "docker":
            folders |= set(_contained(containers.get(agent.name), host))
        elif agent.client == "claude" and not folders:
            folders = {host}
        for folder in sorted(folders):
            users.setdefault(folder, []).append(agent.name)
    return users


def _own(ctx: Context, agent: Agent) -> list[Path]:
    """The folders of the agent's own stores: where its folder holds one, where its environments point."""
    world = ctx.world
    places = [agent.folder, agent.folder / ".claude"]
    if config := world.environment.get("CLAUDE_CONFIG_DIR"):
        places += [place] if (place := world.cwd / config).is_relative_to(agent.folder) else []
    held = [place for place in dict.fromkeys(places) if world.files.holds(place, [STORE_FILE])]
    running = [_first(process.places, STORE_VARIABLES) for process in ctx.running.get(agent.name, ())]
    return [*held, *env_folders(world, agent), *(place for place in running if place)]


def _contained(container: AgentContainer | None, host: Path) -> list[Path]:
    """The stores of a container as folders of the host; without a variable the usual place, or the host's store."""
    if container is None:
        return []
    if folder := container.folder(STORE_VARIABLES):
        store = container.on_host(f"{folder}/{STORE_FILE}")
        return [store.parent] if store else []
    sources = [(Path(mount.source), PurePosixPath(mount.target).name) for mount in container.mounts]
    usual = [source for source, name in sources if name == ".claude"]
    return usual or [host for source, _ in sources if source in (host, host / STORE_FILE)][:1]


def _others(ctx: Context) -> Iterator[StoreLook]:
    """The stores of Codex and Gemini that are there: an agent may well do without, by a key in its `.env`."""
    for other in OTHERS:
        users: dict[Path, list[str]] = {}
        for agent in ctx.fleet.agents:
            if agent.client == other.client:
                for folder in _of_other(ctx, agent, other):
                    users.setdefault(ctx.world.files.real(folder), []).append(agent.name)
        for folder, agents in users.items():
            if ctx.world.files.holds(folder, [other.file]):
                yield look_at(ctx.world, folder, tuple(agents), other)


def _of_other(ctx: Context, agent: Agent, other: OtherClient) -> set[Path]:
    home = str(ctx.world.home)
    if agent.run_mode == "docker":
        container = agent_containers(ctx).get(agent.name)
        named = container and container.folder([other.variable])
        place = container.on_host(other.store(named, home)) if container and named else None
        return {place} if place else set()
    running = [process.places.get(other.variable) for process in ctx.running.get(agent.name, ())]
    named = [str(place) for place in (*running, *env_folders(ctx.world, agent, [other.variable])) if place]
    return {Path(other.store(name, home)) for name in named or [None]}


def _first(places: Mapping[str, Path], names: Collection[str]) -> Path | None:
    return next((places[name] for name in names if name in places), None)


def _in_keychain(absent: StoreLook) -> StoreLook:
    if sys.platform != "darwin":
        return absent
    return _unreadable(absent, "on macOS the login lies in the keychain, which ops does not read")


def _unreadable(nothing: StoreLook, problem: str) -> StoreLook:
    return replace(nothing, state="unreadable", problems=(problem,))
