"""Where an agent's client keeps what it writes: a folder in the state folder of ops, outside of the agent's clone."""

from pathlib import Path

from mcp_server.clients import claude
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context


def home_of(ctx: Context, agent: Agent) -> Path:
    """The config folder of an agent on this host, whether it exists or not: Claude Code's CLAUDE_CONFIG_DIR.

    Its `.claude.json` is a link to the one in the agent's folder, where operators look at it and sync it.
    """
    return _homes(ctx) / ctx.key / agent.name / agent.client


def users_folder(ctx: Context) -> Path:
    """The config folder of the user: the caller's, unless the caller is an agent with one of its own."""
    world = ctx.world
    if named := world.environment.get(claude.CONFIG_DIR):
        folder = world.files.real(world.cwd / named)
        if not folder.is_relative_to(world.files.real(_homes(ctx))) and ctx.holding(folder) is None:
            return folder
    return world.home / claude.CONFIG_FOLDER


def _homes(ctx: Context) -> Path:
    return ctx.world.state / "agents"
