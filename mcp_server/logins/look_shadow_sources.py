"""Reads every place that can shadow a login: files, shell profiles, containers, environments of processes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

from mcp_server.clients import claude
from mcp_server.fleet.look_containers import compose_containers, engine_containers
from mcp_server.fleet.look_env import env_of
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.json_text import CutOffError, client_object
from mcp_server.kernel.secret import Secret
from mcp_server.logins.look_startup_files import started_by, startup_files, units
from mcp_server.logins.shadowing import in_profile, shadows
from mcp_server.logins.store import Store
from mcp_server.operation.context import Context
from mcp_server.operation.world import World


@dataclass(frozen=True)
class ShadowSource:
    """A place, the agents it reaches, and the shadowing `names` in it or why it could not be read."""

    location: str
    agents: tuple[str, ...]
    names: tuple[str, ...] | OpsError
    remedy: str | None = None
    "How to get rid of a name in what runs already; None if it is removed from the place itself."
    is_withheld: bool = False
    "Whether a start by ops withholds what is set there, as far as the rules for an agent's environment say so."


def shadow_sources(ctx: Context, stores: tuple[Store, ...]) -> Iterator[ShadowSource]:
    """All places, files before what runs already. A place without a shadowing name has no `names`."""
    yield _own_environment(ctx)
    for agent in ctx.fleet.agents:
        source = _read(str(agent.env_file), (agent.name,), partial(_values_of_env, ctx.world, agent))
        yield replace(source, is_withheld=agent.run_mode == "host")
    for path, agents in _settings(ctx, stores).items():
        yield _read(str(path), agents, partial(_values_of_settings, ctx.world, path))
    yield from _profiles(ctx)
    yield from _containers(ctx)
    for name, processes in ctx.running.items():
        for process in processes:
            remedy = f"End process {process.pid}, then start {name} again"
            yield ShadowSource(f"the environment of process {process.pid}", (name,), process.shadows, remedy)


def _own_environment(ctx: Context) -> ShadowSource:
    known = ctx.caller is not None and ctx.fleet.agent(ctx.caller) is not None
    environment = ctx.world.environment
    values = {name: Secret(environment[name]) for name in claude.SHADOWING if name in environment}
    agents = (ctx.caller,) if known and ctx.caller else ()
    return ShadowSource("the environment that ops runs in", agents, shadows(values), is_withheld=not agents)


def _read(location: str, agents: tuple[str, ...], values: Callable[[], Mapping[str, Secret]]) -> ShadowSource:
    try:
        return ShadowSource(location, agents, shadows(values()))
    except OpsError as error:
        return ShadowSource(location, agents, error)


def _values_of_env(world: World, agent: Agent) -> Mapping[str, Secret]:
    return {variable.name: variable.value for variable in env_of(world, agent).variables}


def _settings(ctx: Context, stores: tuple[Store, ...]) -> dict[Path, tuple[str, ...]]:
    """The settings files of Claude Code (the user's, each store's, each clone's), and the agents they reach."""
    found = {ctx.world.home / claude.CONFIG_FOLDER / claude.SETTINGS_FILE: stores[0].agents if stores else ()}
    found |= {store.folder / claude.SETTINGS_FILE: store.agents for store in stores if store.client == "claude"}
    for agent in ctx.fleet.agents:
        for name in (claude.SETTINGS_FILE, claude.LOCAL_SETTINGS_FILE):
            found[agent.folder / claude.CONFIG_FOLDER / name] = (agent.name,)
    return found


def _values_of_settings(world: World, path: Path) -> Mapping[str, Secret]:
    if world.files.kind(path) == "absent":
        return {}
    try:
        settings = client_object(world.files.read(path), path)
    except CutOffError as error:
        raise OpsError("invalid", error.message, f"Correct it: {path}") from None
    values = {name: Secret(str(value)) for name, value in _object(settings.get("env")).items() if value is not None}
    return {**values, claude.KEY_HELPER: Secret(str(settings.get(claude.KEY_HELPER) or ""))}


def _object(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _profiles(ctx: Context) -> Iterator[ShadowSource]:
    on_host = [agent for agent in ctx.fleet.agents if agent.run_mode == "host" and agent.client == "claude"]
    everyone = tuple(agent.name for agent in on_host)
    for path in startup_files(ctx.world):
        yield from _profile(ctx.world, path, lambda _: everyone)
    for path in units(ctx.world):
        yield from _profile(ctx.world, path, lambda text: started_by(text, on_host, ctx.world.home))


def _profile(world: World, path: Path, reached: Callable[[str], tuple[str, ...]]) -> Iterator[ShadowSource]:
    """A file that sets variables; nothing if its text reaches no agent."""
    try:
        text = world.files.read_text(world.files.real(path))
    except OpsError as error:
        yield ShadowSource(str(path), reached(""), error)
        return
    if agents := reached(text):
        yield ShadowSource(str(path), agents, shadows(in_profile(text)), is_withheld=True)


def _containers(ctx: Context) -> Iterator[ShadowSource]:
    with suppress(OpsError):  # the hazards of the containers name a compose file that cannot be read
        for service in compose_containers(ctx):
            yield ShadowSource(service.origin, (service.agent,), shadows(service.environment))
    for container in engine_containers(ctx):
        remedy = f"Take it out {container.remedy}"
        yield ShadowSource(container.origin, (container.agent,), shadows(container.environment), remedy)
