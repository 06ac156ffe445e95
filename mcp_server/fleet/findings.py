"""Audit findings about an agent's `.env`, and where it runs."""

from collections.abc import Iterator, Sequence

from mcp_server.clients.claude import LONG_LIVED
from mcp_server.fleet.fleet_file import NAME
from mcp_server.fleet.look_containers import compose_containers
from mcp_server.fleet.look_env import env_of
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Concern, Contribution, Finding
from mcp_server.kernel.inventory import Agent, role_of
from mcp_server.operation.context import Context
from mcp_server.operation.world import World


def env_findings(ctx: Context, agents: Sequence[Agent]) -> Contribution:
    """Agents without a `.env`, or with one that sets another agent's name or has a line that sets nothing, and agents
    of which nothing says where they run; logins report a `.env` that cannot be read, and broken tokens."""
    found = [(agent, finding) for agent in agents for finding in _findings(ctx.world, agent)]
    doubtful = [agent for agent in agents if agent.run_mode == "unknown"]
    found += [(agent, _run_mode(ctx, agent)) for agent in doubtful if _is_readable(ctx)]
    return Contribution(tuple(Concern((agent.name,), finding) for agent, finding in found))


def _is_readable(ctx: Context) -> bool:
    """Whether the compose file can be read: the logins report one that cannot."""
    try:
        compose_containers(ctx)
    except OpsError:
        return False
    return True


def _run_mode(ctx: Context, agent: Agent) -> Finding:
    message = "whether it runs on this host or in Docker is not known: the compose file does not say"
    step = f'Write run_mode = "host" or "docker" below [agents.{agent.name}] in {ctx.fleet.root / NAME}'
    return Finding("run_mode_unknown", "notice", message, step, unknown=True)


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
