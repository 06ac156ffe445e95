"""Where a login can be shadowed: `.env` files, the caller's environment, settings, the compose file."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from mcp_server.domain.errors import OpsError
from mcp_server.domain.finding import Hazard
from mcp_server.domain.secret import Secret
from mcp_server.domain.shadow import HELPER, LONG_LIVED, ORDER, effect, shadows
from mcp_server.observe.stores import StoreLook, environment_of, services
from mcp_server.ports import Context, World


@dataclass(frozen=True)
class _Source:
    """Variables that reach some agents, and the name of the place where a person removes them."""

    place: str
    agents: tuple[str, ...]
    values: Mapping[str, Secret]


def shadow_hazards(ctx: Context, looks: tuple[StoreLook, ...]) -> Iterator[Hazard]:
    """One hazard for each name in each place; a place that cannot be read is one itself."""
    for found in _sources(ctx, looks):
        if isinstance(found, Hazard):
            yield found
            continue
        for name in shadows(found.values):
            if name == LONG_LIVED and _in_containers(ctx, found.agents):
                continue
            message = f"{name} in {found.place} {effect(name)}"
            yield Hazard("shadowed_login", found.agents, message, f"Remove {name} from {found.place}")


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
            variables = environment_of(ctx.world, agent).variables
            yield _Source(str(agent.env_file), (agent.name,), {v.name: v.value for v in variables})
        except OpsError as error:
            yield unreadable(error, (agent.name,))
    for path, agents in _settings(ctx, looks).items():
        try:
            yield _Source(str(path), agents, _of_settings(ctx.world, path))
        except OpsError as error:
            yield unreadable(error, agents)
    yield from _containers(ctx)


def _own(ctx: Context) -> _Source:
    known = ctx.caller is not None and ctx.fleet.agent(ctx.caller) is not None
    present = {name: Secret(ctx.world.environment[name]) for name in ORDER if name in ctx.world.environment}
    return _Source("the environment that ops runs in", (ctx.caller,) if known and ctx.caller else (), present)


def _containers(ctx: Context) -> Iterator[_Source]:
    try:
        found = services(ctx)
    except OpsError:
        return  # named where the mounts are looked at
    for service in found:
        yield _Source(f"{ctx.fleet.compose}, service {service.name}", (service.name,), service.environment)


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
