"""Whether the agent's client reads the config at all: the state of a file that nobody opens means nothing."""

from mcp_server.configs.write_files import AgentConfig
from mcp_server.fleet.look_containers import known
from mcp_server.fleet.look_env import env_folders
from mcp_server.operation.context import Context
from mcp_server.operation.world import World

_VARIABLE = "CLAUDE_CONFIG_DIR"


def inert(ctx: Context, file: AgentConfig) -> str | None:
    """Why nothing reads this `.claude.json`, with the next step; None where its client is known to read it.

    Claude Code opens the one in the folder that CLAUDE_CONFIG_DIR names, else in HOME (seen on 2.1.328).
    """
    agent = file.agent
    if file.client == agent.client != "claude":
        return None  # found by where its client looks
    if agent.client != "claude":
        return f"{agent.client} reads no .claude.json; name a {agent.client}_master in fleet.toml"
    if agent.run_mode == "docker":
        return (
            None if agent.name in known(ctx) else f"no container of {agent.name} is known: ops agent run {agent.name}"
        )
    led = [place for process in ctx.running.get(agent.name, ()) if (place := process.places.get(_VARIABLE))]
    places, real = [*led, *env_folders(ctx.world, agent, (_VARIABLE,))], ctx.world.files.real
    if file.inside in places or (places and real(file.inside) in map(real, places)):
        return None
    return f"Claude Code opens it only when it is started so: ops agent run {agent.name}"


def is_named(world: World, file: AgentConfig) -> bool:
    """Whether the agent's `.env` leads Claude Code to this config, by the very path of its folder."""
    return file.inside in env_folders(world, file.agent, (_VARIABLE,))
