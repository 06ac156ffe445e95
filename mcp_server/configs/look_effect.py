"""Whether the agent's client reads a config at all: the state of a file that nobody opens means nothing."""

from mcp_server.clients.claude import CONFIG_DIR
from mcp_server.configs.look_file import AgentConfig
from mcp_server.fleet.look_containers import agent_containers
from mcp_server.fleet.look_env import env_folders
from mcp_server.operation.context import Context
from mcp_server.operation.world import World


def inert_reason(ctx: Context, file: AgentConfig) -> str | None:
    """Why nothing reads this `.claude.json`, with the next step; None if its client is known to read it."""
    agent = file.agent
    if file.kind != "claude":
        return None  # it was found where its client reads it
    if agent.client != "claude":
        return f"{agent.client} reads no .claude.json; name a {agent.client}_master in fleet.toml"
    if agent.run_mode == "docker":
        if agent.name in agent_containers(ctx):
            return None
        return f"no container of {agent.name} is known: ops agent run {agent.name}"
    running = [folder for each in ctx.running.get(agent.name, ()) if (folder := each.folders.get(CONFIG_DIR))]
    folders, real = [*running, *env_folders(ctx.world, agent, [CONFIG_DIR])], ctx.world.files.real
    if {file.folder, file.home} & {*folders} or (folders and real(file.folder) in map(real, folders)):
        return None
    return f"Claude Code opens it only when it is started so: ops agent run {agent.name}"


def is_named_in_env(world: World, file: AgentConfig) -> bool:
    """Whether the agent's `.env` names the folder of this config for Claude Code, by the same path."""
    return file.folder in env_folders(world, file.agent, [CONFIG_DIR])
