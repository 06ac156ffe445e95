"""Hazards of logins that are shadowed: something else is used in their place."""

from collections.abc import Iterator

from mcp_server.clients.claude import LONG_LIVED
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Hazard
from mcp_server.logins.look_shadow_sources import shadow_sources
from mcp_server.logins.shadowing import effect
from mcp_server.logins.store import Store
from mcp_server.operation.context import Context


def shadow_hazards(ctx: Context, stores: tuple[Store, ...]) -> Iterator[Hazard]:
    """One hazard for each name in each place. A place that cannot be read is a hazard too.

    The environment of a process or a container is reported only for agents whose files do not set the name: they have
    to be restarted in any case. A long-lived token is right in a container, and no hazard there.
    """
    reported: set[tuple[str, str]] = set()
    for source in shadow_sources(ctx, stores):
        if isinstance(source.names, OpsError):
            yield unreadable(source.names, source.agents)
            continue
        for name in source.names:
            agents = tuple(a for a in source.agents if not source.remedy or (a, name) not in reported)
            if (source.agents and not agents) or (name == LONG_LIVED and _in_containers(ctx, agents)):
                continue
            reported |= {(agent, name) for agent in agents}
            message = f"{name} in {source.location} {effect(name)}"
            yield Hazard("shadowed_login", agents, message, source.remedy or f"Remove {name} from {source.location}")


def unreadable(error: OpsError, agents: tuple[str, ...]) -> Hazard:
    """The hazard for a place that logins depend on and that could not be read: nothing is known about it."""
    return Hazard("unreadable_source", agents, f"not looked at: {error.message}", error.next)


def _in_containers(ctx: Context, agents: tuple[str, ...]) -> bool:
    contained = {agent.name for agent in ctx.fleet.agents if agent.run_mode == "docker"}
    return bool(agents) and contained.issuperset(agents)
