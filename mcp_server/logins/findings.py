"""What the logins contribute to the audit: findings, and the state of each agent's login."""

from collections.abc import Sequence
from typing import Final

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Concern, Contribution, Finding
from mcp_server.kernel.inventory import Agent
from mcp_server.logins.look_logins import Logins, look_at_logins
from mcp_server.logins.trouble import concerns, state_for
from mcp_server.operation.context import Context

_CONTAINER_PAGE: Final = "ops runbook read container-login"


def login_findings(ctx: Context, agents: Sequence[Agent]) -> Contribution:
    """Findings about all logins of the fleet; the column `login` has the state of each of `agents`."""
    try:
        logins = look_at_logins(ctx)
    except OpsError as error:
        return Contribution((Concern((), Finding.unread("login_unreadable", error)),))
    states = {agent.name: _state(agent, logins) for agent in agents}
    found = [*concerns(logins.stores, logins.hazards, ctx.world.clock.now())]
    contained = {agent.name for agent in agents if agent.run_mode == "docker"}
    if unseen := tuple(name for name, state in states.items() if state == "unknown" and name in contained):
        message = "which login its container uses is not known: no folder of the host with one is mounted there"
        found.append(Concern(unseen, Finding("login_unseen", "notice", message, _CONTAINER_PAGE, unknown=True)))
    return Contribution(tuple(found), {"login": states})


def _state(agent: Agent, logins: Logins) -> str:
    """The state of its login; where none was found, Codex and Gemini can do with a key in its place."""
    if agent.run_mode == "unknown":
        return "unknown"
    hosted_other = agent.client != "claude" and agent.run_mode == "host"
    return state_for(logins.agents[agent.name], logins.stores) or ("none" if hosted_other else "unknown")
