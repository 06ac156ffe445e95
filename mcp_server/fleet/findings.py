"""Audit findings about an agent's `.env`."""

from collections.abc import Sequence

from mcp_server.fleet.look_env import env_of
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Concern, Contribution, Finding
from mcp_server.kernel.inventory import Agent, role_of
from mcp_server.operation.context import Context
from mcp_server.operation.world import World


def env_findings(ctx: Context, agents: Sequence[Agent]) -> Contribution:
    """Agents without a `.env`, or with one that sets another agent's name; logins report unreadable ones."""
    return Contribution(
        tuple(Concern((agent.name,), found) for agent in agents if (found := _finding(ctx.world, agent)))
    )


def _finding(world: World, agent: Agent) -> Finding | None:
    try:
        if world.files.kind(agent.env_file) == "absent":
            step = f"Write it with mode 0600: AGENT_NAME={agent.name} and the keys of the role"
            return Finding("env_missing", "notice", f"there is no {agent.env_file}", step)
        name = env_of(world, agent).get("AGENT_NAME")
    except OpsError:
        return None
    if not name or name.reveal() == agent.name:
        return None
    message = f"its .env gives it the name {name.reveal() if role_of(name.reveal()) else 'of no agent'}"
    return Finding("name_differs", "warning", message, f"Set AGENT_NAME={agent.name} in {agent.env_file}")
