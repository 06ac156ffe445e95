"""Where an agent's client keeps what it writes: a folder in the state folder of ops, outside of the agent's clone."""

from pathlib import Path

from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context


def home_of(ctx: Context, agent: Agent) -> Path:
    """The config folder of an agent on this host, whether it exists or not: Claude Code's CLAUDE_CONFIG_DIR.

    Its `.claude.json` is a link to the one in the agent's folder, where operators look at it and sync it.
    """
    return ctx.world.state / "agents" / ctx.key / agent.name / agent.client
