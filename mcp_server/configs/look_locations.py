"""Which configs the agents have: in their folders, in the folders of their clients, or in their containers."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from mcp_server.configs.dialects import CLAUDE, CLONE_KINDS, DIALECTS
from mcp_server.configs.look_file import AgentConfig, ContainedConfig, MountedConfig
from mcp_server.fleet.look_containers import AgentContainer, agent_containers
from mcp_server.fleet.look_home import home_of
from mcp_server.kernel.inventory import Agent
from mcp_server.logins.codex_and_gemini import CODEX_AND_GEMINI
from mcp_server.logins.look_agent_login import agent_login
from mcp_server.operation.context import Context


def config_files(ctx: Context, agents: Sequence[Agent]) -> tuple[AgentConfig, ...]:
    """Each agent's configs, where its client reads them.

    An agent of another client that has a master does not need a `.claude.json`.
    """
    docker = any(agent.run_mode == "docker" for agent in agents)
    containers: Mapping[str, AgentContainer] = agent_containers(ctx) if docker else {}
    own = (
        _in_container(agent, containers[agent.name])
        if agent.name in containers
        else AgentConfig(_folder(ctx, agent), CLAUDE.file, agent=agent, home=home_of(ctx, agent))
        for agent in agents
        if agent.client not in ctx.fleet.other_masters or ctx.world.files.holds(agent.folder, [CLAUDE.file])
    )
    in_clones = (
        AgentConfig(agent.folder, DIALECTS[kind].file, kind, agent=agent)
        for kind in CLONE_KINDS
        if kind in ctx.fleet.other_masters
        for agent in agents
        if agent.client == "claude"
    )
    return (*own, *_of_other_clients(ctx, agents), *in_clones)


def _folder(ctx: Context, agent: Agent) -> Path:
    """The agent's folder; of one that is a link, the folder where it leads, unless that is another agent's."""
    if ctx.world.files.kind(agent.folder) != "link":
        return agent.folder
    real = ctx.world.files.real(agent.folder)
    shared = any(ctx.world.files.real(each.folder) == real for each in ctx.fleet.agents if each != agent)
    return agent.folder if shared else real


def _of_other_clients(ctx: Context, agents: Sequence[Agent]) -> Iterator[AgentConfig]:
    """Configs of clients for which a master is named. Agents that share a folder share the first one's config."""
    taken: set[Path] = set()
    for other in (other for other in CODEX_AND_GEMINI if other.client in ctx.fleet.other_masters):
        for agent in agents:
            if agent.client != other.client or agent.run_mode == "docker":
                continue
            folder = agent_login(ctx, agent).store
            if folder and folder not in taken:
                taken.add(folder)
                yield AgentConfig(folder, DIALECTS[agent.client].file, agent.client, agent=agent)


def _in_container(agent: Agent, contained: AgentContainer) -> AgentConfig:
    path, container = PurePosixPath(contained.config), contained.container
    host = contained.on_host(contained.config)
    if host is not None and any(mount.target == contained.config for mount in contained.mounts):
        return MountedConfig(host.parent, host.name, agent=agent, inner_path=path, container=container)
    if host is not None:
        return AgentConfig(host.parent, host.name, agent=agent)
    if container is not None:
        return ContainedConfig(Path(f"{container.name}:{path.parent}"), path.name, agent=agent, container=container)
    return AgentConfig(agent.folder, CLAUDE.file, agent=agent)
