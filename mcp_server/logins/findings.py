"""What the logins contribute to the audit: findings, and the state of each agent's login."""

from collections.abc import Sequence

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Concern, Contribution, Finding
from mcp_server.kernel.inventory import Agent
from mcp_server.logins.look_logins import look_at_logins
from mcp_server.logins.trouble import concerns, state_for
from mcp_server.operation.context import Context


def login_findings(ctx: Context, agents: Sequence[Agent]) -> Contribution:
    """Findings about all logins of the fleet; the column `login` has the state of each of `agents`."""
    try:
        logins = look_at_logins(ctx)
    except OpsError as error:
        return Contribution((Concern((), Finding("login_unreadable", "warning", error.message, error.next)),))
    states = {agent.name: state for agent in agents if (state := state_for(agent.name, logins.stores))}
    return Contribution(tuple(concerns(logins.stores, logins.hazards, ctx.world.clock.now())), {"login": states})
