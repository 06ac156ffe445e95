"""Where the agents' configs lie: in their folders, where their client looks, or in their containers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mcp_server.configs.formats import CLAUDE, FORMS
from mcp_server.configs.write_files import AgentConfig
from mcp_server.fleet.look_containers import Contained, known
from mcp_server.fleet.look_env import env_folders
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.logins.other_login import OTHERS
from mcp_server.operation.context import Context
from mcp_server.operation.world import World
from mcp_server.system.containers import Container


@dataclass(frozen=True)
class ContainedConfig(AgentConfig):
    """A config that lies in a container alone: `inside` is CONTAINER:FOLDER, as a person would copy it."""

    container: Container | None = None

    @property
    def within(self) -> PurePosixPath:
        return PurePosixPath(str(self.path).partition(":")[2])

    def place(self, world: World) -> Path:
        """Where its backups are counted: no path of the host."""
        return Path(f"/@{str(self.path).replace(':', '')}")

    def new(self, world: World) -> str:
        raise OpsError(
            "not_found", f"there is no {self.path}", f"Start its client once: ops agent run {self.agent.name}"
        )

    def held(self, world: World) -> bytes | None:
        return world.containers.read(self._made, self.within)

    def lock(self, world: World) -> AbstractContextManager[None]:
        return world.containers.config_lock(self._made, self.within)

    def put(self, world: World, data: bytes, around: AbstractContextManager[None]) -> None:
        with around:
            world.containers.replace(self._made, self.within, data)

    @property
    def _made(self) -> Container:
        if self.container is None:
            raise OpsError(
                "not_found", f"there is no container for {self.path}", f"Create it: ops agent run {self.agent.name}"
            )
        return self.container


@dataclass(frozen=True)
class MountedConfig(AgentConfig):
    """A config of the host that a container mounts by itself, as `within`. A rename would part the two, so it is
    written over in place, as Claude Code does there (seen on 2.1.328), under the lock that lies in the container."""

    container: Container | None = None
    within: str = ""

    def held(self, world: World) -> bytes | None:
        """`conflict` where the container still has a file that was replaced on the host."""
        held = super().held(world)
        inside = world.containers.seen_inside(self.container, PurePosixPath(self.within)) if self.container else None
        if self.container and inside not in (None, held, super().held(world)):
            problem = f"the container {self.container.name} has another file than {self.path}, which was replaced"
            raise OpsError("conflict", problem, f"End its session, then: docker restart {self.container.name}")
        return held

    def lock(self, world: World) -> AbstractContextManager[None]:
        if self.container is None:
            return super().lock(world)
        return world.containers.config_lock(self.container, PurePosixPath(self.within))

    def put(self, world: World, data: bytes, around: AbstractContextManager[None]) -> None:
        world.files.write_over(self.place(world), data, inside=self.inside, around=around)


def config_files(ctx: Context, agents: Sequence[Agent]) -> tuple[AgentConfig, ...]:
    """Each agent's config, where its client reads it: in its folder, or where its container says. An agent of another
    client that has a master needs no `.claude.json`."""
    docker = any(agent.run_mode == "docker" for agent in agents)
    contained: Mapping[str, Contained] = known(ctx) if docker else {}
    own = (
        _in_container(ctx, agent, contained[agent.name])
        if agent.name in contained
        else AgentConfig(agent.folder, CLAUDE.file, agent=agent)
        for agent in agents
        if agent.client not in ctx.fleet.other_masters or ctx.world.files.holds(agent.folder, [CLAUDE.file])
    )
    return (*own, *_of_other_clients(ctx, agents))


def _of_other_clients(ctx: Context, agents: Sequence[Agent]) -> Iterator[AgentConfig]:
    """Where a master is named for their client. Agents that share a folder share a config: it is the first one's."""
    taken: set[Path] = set()
    for other in (other for other in OTHERS if other.client in ctx.fleet.other_masters):
        for agent in agents:
            if agent.client != other.client or agent.run_mode == "docker":
                continue
            named = next(map(str, env_folders(ctx.world, agent, (other.variable,))), None)
            folder = ctx.world.files.real(Path(other.store(named, str(ctx.world.home))))
            if folder not in taken:
                taken.add(folder)
                yield AgentConfig(folder, FORMS[agent.client].file, agent.client, agent=agent)


def _in_container(ctx: Context, agent: Agent, contained: Contained) -> AgentConfig:
    path = contained.config
    host = contained.on_host(path)
    if host is not None:
        if any(mount.target == path for mount in contained.mounts):
            return MountedConfig(host.parent, host.name, agent=agent, container=contained.container, within=path)
        return AgentConfig(host.parent, host.name, agent=agent)
    if contained.container is not None:
        folder = Path(f"{contained.container.name}:{PurePosixPath(path).parent}")
        return ContainedConfig(folder, CLAUDE.file, agent=agent, container=contained.container)
    return AgentConfig(agent.folder, CLAUDE.file, agent=agent)
