"""Where a login can be shadowed: files, shell profiles, containers, and the environments of what runs."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from mcp_server.fleet.look_containers import compose_containers, engine_containers
from mcp_server.fleet.look_env import env_of
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Hazard
from mcp_server.kernel.secret import Secret
from mcp_server.logins.look_startup_files import started_by, startup_files, units
from mcp_server.logins.look_stores import StoreLook
from mcp_server.logins.shadowing import HELPER, LONG_LIVED, ORDER, effect, in_profile, shadows
from mcp_server.operation.context import Context
from mcp_server.operation.world import World


@dataclass(frozen=True)
class _Source:
    """What reaches some agents, and where a person removes it; `remedy` is how it goes from what runs."""

    place: str
    agents: tuple[str, ...]
    names: tuple[str, ...]
    remedy: str | None = None


def shadow_hazards(ctx: Context, looks: tuple[StoreLook, ...]) -> Iterator[Hazard]:
    """One hazard for each name in each place; a place that cannot be read is one itself.

    What runs is told only of agents whose files are clean of the name: it has to start anew in any case.
    """
    told: set[tuple[str, str]] = set()
    for found in _sources(ctx, looks):
        if isinstance(found, Hazard):
            yield found
            continue
        for name in found.names:
            agents = tuple(a for a in found.agents if not found.remedy or (a, name) not in told)
            if (found.agents and not agents) or (name == LONG_LIVED and _in_containers(ctx, agents)):
                continue
            told |= {(agent, name) for agent in agents}
            message = f"{name} in {found.place} {effect(name)}"
            yield Hazard("shadowed_login", agents, message, found.remedy or f"Remove {name} from {found.place}")


def unreadable(error: OpsError, agents: tuple[str, ...]) -> Hazard:
    """A place that logins depend on and that could not be looked at: nothing is known of it."""
    return Hazard("unreadable_source", agents, f"not looked at: {error.message}", error.next)


def _in_containers(ctx: Context, names: tuple[str, ...]) -> bool:
    contained = {agent.name for agent in ctx.fleet.agents if agent.run_mode == "docker"}
    return bool(names) and contained.issuperset(names)


def _sources(ctx: Context, looks: tuple[StoreLook, ...]) -> Iterator[_Source | Hazard]:
    yield _own(ctx)
    for agent in ctx.fleet.agents:
        try:
            variables = env_of(ctx.world, agent).variables
            yield _Source(str(agent.env_file), (agent.name,), shadows({v.name: v.value for v in variables}))
        except OpsError as error:
            yield unreadable(error, (agent.name,))
    for path, agents in _settings(ctx, looks).items():
        try:
            yield _Source(str(path), agents, shadows(_of_settings(ctx.world, path)))
        except OpsError as error:
            yield unreadable(error, agents)
    yield from _profiles(ctx)
    yield from _containers(ctx)
    for name, processes in ctx.running.items():
        for process in processes:
            remedy = f"End process {process.pid}, start {name} anew"
            yield _Source(f"the environment of process {process.pid}", (name,), process.shadows, remedy)


def _profiles(ctx: Context) -> Iterator[_Source | Hazard]:
    on_host = [agent for agent in ctx.fleet.agents if agent.run_mode == "host" and agent.client == "claude"]
    everyone = tuple(agent.name for agent in on_host)
    for path in startup_files(ctx.world):
        yield from _profile(ctx.world, path, lambda _: everyone)
    for path in units(ctx.world):
        yield from _profile(ctx.world, path, lambda text: started_by(text, on_host, ctx.world.home))


def _profile(world: World, path: Path, reached: Callable[[str], tuple[str, ...]]) -> Iterator[_Source | Hazard]:
    """A file that sets variables, for the agents that its text reaches; one that reaches none is of no concern."""
    try:
        text = world.files.read_text(world.files.real(path))
    except OpsError as error:
        yield unreadable(error, reached(""))
        return
    if agents := reached(text):
        yield _Source(str(path), agents, shadows(in_profile(text)))


def _own(ctx: Context) -> _Source:
    known = ctx.caller is not None and ctx.fleet.agent(ctx.caller) is not None
    present = {name: Secret(ctx.world.environment[name]) for name in ORDER if name in ctx.world.environment}
    return _Source(
        "the environment that ops runs in", (ctx.caller,) if known and ctx.caller else (), shadows(present)
    )


def _containers(ctx: Context) -> Iterator[_Source]:
    with suppress(OpsError):  # named where the mounts are looked at
        for service in compose_containers(ctx):
            yield _Source(service.origin, (service.agent,), shadows(service.environment))
    for container in engine_containers(ctx):
        remedy = f"Take it out {container.remedy}"
        yield _Source(container.origin, (container.agent,), shadows(container.environment), remedy)


def _settings(ctx: Context, looks: tuple[StoreLook, ...]) -> dict[Path, tuple[str, ...]]:
    """The settings files that Claude Code reads: the user's, each store's, each clone's; and whom they reach."""
    found = {ctx.world.home / ".claude" / "settings.json": looks[0].agents if looks else ()}
    found |= {look.folder / "settings.json": look.agents for look in looks}
    for agent in ctx.fleet.agents:
        for name in ("settings.json", "settings.local.json"):
            found[agent.folder / ".claude" / name] = (agent.name,)
    return found


def _of_settings(world: World, path: Path) -> Mapping[str, Secret]:
    if world.files.kind(path) == "absent":
        return {}
    try:
        document: object = json.loads(world.files.read_text(path))
    except (ValueError, RecursionError):
        raise OpsError("invalid", f"{path} is not JSON", f"Correct it: {path}") from None
    settings = _mapping(document)
    values = {name: Secret(str(value)) for name, value in _mapping(settings.get("env")).items() if value is not None}
    return {**values, HELPER: Secret(str(settings.get(HELPER) or ""))}


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
