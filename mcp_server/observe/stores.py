"""The credential stores of a fleet: where they are, who uses them, in what state they are. File reads only."""

import sys
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from mcp_server.domain.compose import Mount, Service
from mcp_server.domain.compose import parse as parse_compose
from mcp_server.domain.envfile import EnvFile
from mcp_server.domain.envfile import parse as parse_env
from mcp_server.domain.errors import OpsError
from mcp_server.domain.inventory import Agent
from mcp_server.domain.login import LOCK_DIES_AFTER, REFRESH_LOCK, STORE_FILE, State, is_due, state_of
from mcp_server.domain.login import parse as parse_login
from mcp_server.ports import Context, World


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
    problems: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return self.path.parent

    def is_due(self, now: datetime) -> bool:
        """Whether the access token has to be renewed, and still can be."""
        alive = self.state in ("access_lapsed", "login_ending", "busy")
        return alive and self.generation is not None and is_due(self.access_expires_at, now)


def look(ctx: Context) -> tuple[StoreLook, ...]:
    """Every store of the fleet, the host's first. Two names of one folder are one store."""
    return tuple(look_at(ctx.world, folder, tuple(agents)) for folder, agents in _users(ctx).items())


def unseen_agents(ctx: Context, looks: tuple[StoreLook, ...]) -> tuple[str, ...]:
    """The agents that run Claude Code with a login that was not found: containers that mount none of the stores."""
    seen = {name for store in looks for name in store.agents}
    return tuple(a.name for a in ctx.fleet.agents if a.client == "claude" and a.name not in seen)


def look_at(world: World, folder: Path, agents: tuple[str, ...]) -> StoreLook:
    """The store in one folder, as it stands now."""
    path = folder / STORE_FILE
    nothing = StoreLook(path, "absent", None, None, None, agents)
    try:
        data = world.files.read(path)
    except OpsError as error:
        return _in_keychain(nothing) if error.kind == "not_found" else _unreadable(nothing, error.message)
    try:
        login = parse_login(data)
    except OpsError as error:
        return _unreadable(nothing, f"{path} holds no login that can be read: {error.message}")
    if login is None:
        return replace(nothing, problems=(f"{path} holds no Claude login",))
    state = state_of(login, world.clock.now(), refreshing=is_refreshing(world, folder))
    return StoreLook(path, state, login.access_expires_at, login.login_expires_at, login.generation, agents)


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


def environment_of(world: World, agent: Agent) -> EnvFile:
    """The agent's `.env`, empty where there is none; `OpsError` where it cannot be read."""
    if world.files.kind(agent.env_file) == "absent":
        return EnvFile((), ())
    return parse_env(world.files.read_text(agent.env_file))


def services(ctx: Context) -> tuple[Service, ...]:
    """The containers that the compose file describes, none without one; `OpsError` where it cannot be read."""
    compose = ctx.fleet.compose
    if compose is None:
        return ()
    try:
        return parse_compose(ctx.world.files.read_text(compose), str(ctx.world.home))
    except OpsError as error:
        about = error.message if str(compose) in error.message else f"{compose}: {error.message}"
        raise OpsError(error.kind, about, f"Correct it: {compose}") from None


def source_of(ctx: Context, mount: Mount) -> Path:
    """The real folder or file of the host that is mounted."""
    compose = ctx.fleet.compose
    return ctx.world.files.real((compose.parent if compose else ctx.fleet.root) / mount.source)


def _users(ctx: Context) -> dict[Path, list[str]]:
    """Each store's folder, and the agents that use it or hold it; the host's comes first, used or not."""
    host = ctx.world.files.real(host_store(ctx))
    users: dict[Path, list[str]] = {host: []}
    mounting = _mounting(ctx, host)
    for agent in ctx.fleet.agents:
        folders = {ctx.world.files.real(folder) for folder in _own(ctx, agent)}
        uses_host = agent.client == "claude" and (agent.run_mode == "host" or agent.name in mounting)
        for folder in sorted(folders) or ([host] if uses_host else []):
            users.setdefault(folder, []).append(agent.name)
    return users


def _own(ctx: Context, agent: Agent) -> list[Path]:
    """The folders of the agent's own stores: where its folder holds one, and where its environment points."""
    world = ctx.world
    places = [agent.folder, agent.folder / ".claude"]
    if config := world.environment.get("CLAUDE_CONFIG_DIR"):
        places += [place] if (place := world.cwd / config).is_relative_to(agent.folder) else []
    held = [place for place in dict.fromkeys(places) if _holds(world, place)]
    return held + ([] if agent.run_mode == "docker" else _pointed_to(world, agent))


def _holds(world: World, folder: Path) -> bool:
    try:
        return world.files.kind(folder / STORE_FILE) != "absent"
    except OpsError:
        return True  # a folder that hides its content is looked at, and then named as unreadable


def _pointed_to(world: World, agent: Agent) -> list[Path]:
    try:
        variables = environment_of(world, agent)
    except OpsError:
        return []  # the hazards name the file that could not be read
    for name in ("CLAUDE_SECURESTORAGE_CONFIG_DIR", "CLAUDE_CONFIG_DIR"):
        value = variables.get(name)
        if value and value.reveal().startswith("/"):
            return [Path(value.reveal())]
    return []


def _mounting(ctx: Context, host: Path) -> set[str]:
    """The containers that mount the host's store, as far as the compose file says."""
    try:
        found = services(ctx)
    except OpsError:
        return set()  # the hazards name the file that could not be read
    places = (host, host / STORE_FILE)
    return {service.name for service in found for mount in service.mounts if source_of(ctx, mount) in places}


def _in_keychain(absent: StoreLook) -> StoreLook:
    if sys.platform != "darwin":
        return absent
    return _unreadable(absent, "on macOS the login lies in the keychain, which ops does not read")


def _unreadable(nothing: StoreLook, problem: str) -> StoreLook:
    return replace(nothing, state="unreadable", problems=(problem,))
