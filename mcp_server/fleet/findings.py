"""Audit findings about an agent's `.env`."""

from collections.abc import Iterator, Sequence

from mcp_server.clients.claude import LONG_LIVED
from mcp_server.fleet.look_env import env_of
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Concern, Contribution, Finding
from mcp_server.kernel.inventory import Agent, role_of
from mcp_server.operation.context import Context
from mcp_server.operation.world import World


def env_findings(ctx: Context, agents: Sequence[Agent]) -> Contribution:
    """Agents without a `.env`, or with one that sets another agent's name or has a line that sets nothing; logins
    report unreadable ones, and broken tokens."""
    return Contribution(
        tuple(Concern((agent.name,), found) for agent in agents for found in _findings(ctx.world, agent))
    )


def _findings(world: World, agent: Agent) -> Iterator[Finding]:
    try:
        if world.files.kind(agent.env_file) == "absent":
            yield Finding("env_missing", "notice", f"there is no {agent.env_file}", "ops fleet fix env_missing")
            return
        env = env_of(world, agent)
    except OpsError:
        return
    if (name := env.get("AGENT_NAME")) and name.reveal() != agent.name:
        message = f"its .env gives it the name {name.reveal() if role_of(name.reveal()) else 'of no agent'}"
        yield Finding("name_differs", "warning", message, "ops fleet fix name_differs")
    for line in env.unread:
        before = env.before(line)
        if before is None or before.name != LONG_LIVED:
            about = f": is the value of {before.name} broken over two lines?" if before else ""
            message = f"line {line} of {agent.env_file} is no NAME=value{about}"
            step = f"Correct line {line} of {agent.env_file}, or make it a comment"
            yield Finding("env_line_unread", "warning", message, step)
