"""Finds out which login each agent uses from its next start on.

On the host decides, the strongest first: `fleet.toml` for the agent, then for its role; its `.env`; a login of its
own in its folder; the host's. A copy of the host's login counts as the host's. In Docker the container decides.
"""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from mcp_server.clients import claude
from mcp_server.fleet.fleet_file import NAME
from mcp_server.fleet.look_containers import AgentContainer, agent_containers
from mcp_server.fleet.look_env import env_folders, env_of
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.secret import Secret
from mcp_server.logins.agent_login import AgentLogin
from mcp_server.logins.codex_and_gemini import CODEX_AND_GEMINI, ClientStore
from mcp_server.logins.look_store import host_store, other_host_store, read_store
from mcp_server.logins.store import Store
from mcp_server.operation.context import Context


def agent_logins(ctx: Context) -> Mapping[str, AgentLogin]:
    """The login of every agent of the fleet, by the agent's name."""
    host = read_store(ctx.world, ctx.world.files.real(host_store(ctx)), ())
    containers = agent_containers(ctx)
    return {agent.name: _login(ctx, agent, host, containers.get(agent.name)) for agent in ctx.fleet.agents}


def agent_login(ctx: Context, agent: Agent) -> AgentLogin:
    """The login of one agent."""
    if agent.client != "claude" and agent.run_mode == "host":
        return _of_other(ctx, agent)
    host = read_store(ctx.world, ctx.world.files.real(host_store(ctx)), ())
    container = agent_containers(ctx).get(agent.name) if agent.run_mode == "docker" else None
    return _login(ctx, agent, host, container)


def held_stores(ctx: Context, agent: Agent) -> list[Path]:
    """The folders of the agent that hold a file of Claude's logins."""
    folders = (agent.folder, agent.folder / claude.CONFIG_FOLDER)
    return [folder for folder in folders if ctx.world.files.holds(folder, [claude.STORE_FILE])]


def _login(ctx: Context, agent: Agent, host: Store, container: AgentContainer | None) -> AgentLogin:
    real = ctx.world.files.real
    if agent.client != "claude":
        return _of_other_container(ctx, agent, container) if agent.run_mode == "docker" else _of_other(ctx, agent)
    if agent.run_mode == "docker":
        return _of_container(ctx, agent, host, container)
    if agent.login == "setup-token":
        return AgentLogin(agent.name, agent.client, "long_lived", NAME, named=True, token=_token(ctx, agent))
    if agent.login:
        return _in(agent, host, real(agent.login), NAME, named=True)
    if (named := _named_in_env(ctx, agent)) is not None:
        return _in(agent, host, real(named), str(agent.env_file), named=True)
    own = next((folder for folder in held_stores(ctx, agent) if _is_own(ctx, folder, host)), None)
    return _in(agent, host, real(own or host.folder), f"a login in {own}" if own else "the host's login")


def _named_in_env(ctx: Context, agent: Agent) -> Path | None:
    """The store that the agent's `.env` names. A config folder alone counts as one only if it holds a login."""
    if not env_folders(ctx.world, agent):  # the usual case, in which it is read once
        return None
    if store := env_folders(ctx.world, agent, (claude.STORE_DIR,)):
        return store[0]
    configs = env_folders(ctx.world, agent, (claude.CONFIG_DIR,))
    held = (each for each in configs if read_store(ctx.world, ctx.world.files.real(each), ()).state != "absent")
    return next(held, None)


def _in(agent: Agent, host: Store, store: Path, source: str, *, named: bool = False) -> AgentLogin:
    kind = "shared" if store == host.folder else "own"
    return AgentLogin(agent.name, agent.client, kind, source, store, named)


def _is_own(ctx: Context, folder: Path, host: Store) -> bool:
    """Whether a store in an agent's folder holds a login, and another one than the host's."""
    found = read_store(ctx.world, ctx.world.files.real(folder), ())
    if found.state == "absent" or ctx.world.files.real(found.path) == ctx.world.files.real(host.path):
        return False
    return found.generation is None or found.generation != host.generation


def _token(ctx: Context, agent: Agent) -> Secret | None:
    try:
        return env_of(ctx.world, agent).get(claude.LONG_LIVED) or None
    except OpsError:
        return None  # the hazards of the logins report that file


def _of_container(ctx: Context, agent: Agent, host: Store, container: AgentContainer | None) -> AgentLogin:
    if container is None:
        return AgentLogin(agent.name, "claude", "unknown", "its container was not seen")
    folder = _mounted(container, host.folder)
    if _has_token(container, folder and ctx.world.files.holds(folder, [claude.STORE_FILE])):
        return AgentLogin(agent.name, "claude", "long_lived", container.origin)
    if agent.login == "setup-token":
        return AgentLogin(agent.name, "claude", "long_lived", NAME, named=True)
    if folder is None:
        return AgentLogin(agent.name, "claude", "unknown", f"{container.origin} mounts no store")
    kind = "shared" if folder == host.folder else "own"
    return AgentLogin(agent.name, "claude", kind, container.origin, folder)


def _has_token(container: AgentContainer, has_store: object) -> bool:
    """Whether a container has a long-lived token. Of a service that passes the variable on, whoever starts it
    sets the value: it has the token unless there is another login. An empty value does not count."""
    value = container.environment.get(claude.LONG_LIVED)
    return bool(value) or (claude.LONG_LIVED in container.open and not has_store)


def _mounted(container: AgentContainer, host: Path) -> Path | None:
    """A container's store as a folder of the host. Without a variable: a mounted config folder, or the host's."""
    if folder := container.folder(claude.STORE_VARIABLES):
        store = container.on_host(f"{folder}/{claude.STORE_FILE}")
        return store.parent if store else None
    sources = [(Path(mount.source), PurePosixPath(mount.target).name) for mount in container.mounts]
    usual = (source for source, name in sources if name == claude.CONFIG_FOLDER)
    hosts = (host for source, _ in sources if source in (host, host / claude.STORE_FILE))
    return next(usual, None) or next(hosts, None)


def _of_other(ctx: Context, agent: Agent) -> AgentLogin:
    """Codex and Gemini share the host's login unless something names another folder."""
    other, real = _client_of(agent), ctx.world.files.real
    usual = real(other_host_store(ctx, other))
    folder, source = usual, "the host's login"
    if isinstance(agent.login, Path):
        folder, source = agent.login, NAME
    elif named := env_folders(ctx.world, agent, (other.variable,)):
        folder, source = Path(other.path(str(named[0]), "")), str(agent.env_file)
    kind = "shared" if real(folder) == usual else "own"
    return AgentLogin(agent.name, agent.client, kind, source, real(folder))


def _of_other_container(ctx: Context, agent: Agent, container: AgentContainer | None) -> AgentLogin:
    other = _client_of(agent)
    named = container and container.folder([other.variable])
    folder = container.on_host(other.path(named, str(ctx.world.home))) if container and named else None
    if container is None or folder is None:
        return AgentLogin(agent.name, agent.client, "unknown", "its container names no folder that is mounted")
    return AgentLogin(agent.name, agent.client, "own", container.origin, folder)


def _client_of(agent: Agent) -> ClientStore:
    return next(each for each in CODEX_AND_GEMINI if each.client == agent.client)
