"""Hazards of logins that are shadowed: something else is used in their place."""

from collections.abc import Iterator, Mapping

from mcp_server.clients.claude import LONG_LIVED
from mcp_server.fleet.fleet_file import NAME
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Hazard
from mcp_server.logins.agent_login import AgentLogin
from mcp_server.logins.look_shadow_sources import shadow_sources
from mcp_server.logins.shadowing import effect
from mcp_server.logins.store import Store
from mcp_server.operation.context import Context


def shadow_hazards(ctx: Context, stores: tuple[Store, ...], logins: Mapping[str, AgentLogin]) -> Iterator[Hazard]:
    """One hazard for each name in each place. A place that cannot be read is a hazard too.

    The environment of a process or a container is reported only for agents whose files do not set the name: they have
    to be restarted in any case. A long-lived token is no hazard for an agent whose login it is, nor in the `.env` of
    an agent in Docker, which gets the variables of its container alone.
    """
    reported: set[tuple[str, str]] = set()
    of_token = {agent.name for agent in ctx.fleet.agents if agent.run_mode == "docker"}
    of_token |= {login.agent for login in logins.values() if login.kind == "long_lived"}
    for source in shadow_sources(ctx, stores):
        if isinstance(source.names, OpsError):
            yield unreadable(source.names, source.agents)
            continue
        for name in source.names:
            agents = tuple(a for a in source.agents if not source.remedy or (a, name) not in reported)
            if name == LONG_LIVED:
                agents = tuple(agent for agent in agents if agent not in of_token)
            if source.agents and not agents:
                continue
            reported |= {(agent, name) for agent in agents}
            message = f"{name} in {source.location} {effect(name, is_withheld=source.is_withheld)}"
            step = source.remedy or _removal(ctx, name, source.location, agents)
            yield Hazard("shadowed_login", agents, message, step)


def _removal(ctx: Context, name: str, location: str, agents: tuple[str, ...]) -> str:
    """How to get rid of a name. A long-lived token is shown once, so that its own place is found for it first."""
    if name != LONG_LIVED:
        return f"Remove {name} from {location}"
    own = ctx.fleet.agent(agents[0]) if len(agents) == 1 else None
    if own and location == str(own.env_file):
        table = f"under [agents.{own.name}] in {ctx.fleet.root / NAME}"
        return f'If {own.name} is to use it, write login = "setup-token" {table}; else remove {name} from {location}'
    declared = f'write login = "setup-token" for it in {ctx.fleet.root / NAME}'
    return f"Move {name} from {location} to the .env of the agent that is to use it and {declared}, or remove it"


def unreadable(error: OpsError, agents: tuple[str, ...]) -> Hazard:
    """The hazard for a place that logins depend on and that could not be read: nothing is known about it."""
    return Hazard("unreadable_source", agents, f"not looked at: {error.message}", error.next)
