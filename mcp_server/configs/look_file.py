"""A config as a file: where it is and what it holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

from mcp_server.configs.dialects import CLONE_KINDS, DIALECTS
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent, ConfigKind
from mcp_server.kernel.pointer import Value
from mcp_server.operation.world import World
from mcp_server.system.containers import Container

MOST_BYTES: Final = 64_000_000
"A session may fill its config with 7 MB, and Claude Code reads more than this."


class LinkedOutError(OpsError):
    """The config is a link to a file elsewhere: its client reads that, and ops writes nothing there."""


@dataclass(frozen=True)
class ConfigFile:
    """A config: the file `name` in `folder`, which no write leaves, in the dialect of `kind`."""

    folder: Path
    name: str
    kind: ConfigKind = "claude"

    @cached_property
    def path(self) -> Path:
        """The path by which its client opens it."""
        return self.folder / self.name

    def target(self, world: World) -> Path:
        """The file itself, which `path` may link to; `invalid` if the link leads out of the agent's folder.

        Claude Code follows such a link when it writes, and locks by the name of the link.
        """
        files = world.files
        if files.kind(self.folder) == "link":  # two agents must not turn out to share a file
            where = self.folder
            raise OpsError("invalid", f"{where} is a symbolic link", f"Make a clone of its own at {where}")
        if files.kind(self.path) != "link":
            return self.path
        real = files.real(self.path)
        if not real.is_relative_to(files.real(self.folder)):
            problem = f"{self.path} is a symbolic link that leads out of {self.folder}, to {real}"
            if files.kind(real) != "file":
                raise OpsError("invalid", problem, f"Put a plain file at {self.path}")
            step = f"Leave it if that is meant; to have ops compare it, put a copy of {real} in place of the link"
            raise LinkedOutError("invalid", problem, step)
        return real

    def read(self, world: World) -> bytes | None:
        """Its content; None if there is no file."""
        target = self.target(world)
        return None if world.files.kind(target) == "absent" else world.files.read(target, MOST_BYTES)

    def text(self, world: World) -> str:
        """Its content, or `initial` if there is no file."""
        data = self.read(world)
        return self.initial(world) if data is None else decode(data)

    def initial(self, world: World) -> str:
        """The text to start from if there is no file; `not_found` if a sync must not create one."""
        if world.files.kind(self.folder) != "folder":
            problem = f"there is no folder {self.folder}"
            raise OpsError("not_found", problem, f"Clone the repository to {self.folder}")
        raise OpsError("not_found", f"there is no {self.path}", self.start)

    @property
    def start(self) -> str:
        """The step to a first file."""
        return f"Put a backup back at {self.path}"

    def parse(self, text: str) -> dict[str, Json]:
        return DIALECTS[self.kind].parse(text, self.path)

    def edit(self, text: str, values: Mapping[str, Value]) -> str:
        """The text with these values; an error names the file."""
        try:
            return DIALECTS[self.kind].edit(text, values)
        except OpsError as error:
            raise OpsError(error.kind, f"{self.path}: {error.message}", f"{error.next} in {self.path}") from None


@dataclass(frozen=True)
class AgentConfig(ConfigFile):
    """The config of one agent. `home` is the folder of its client in which a link leads here; None without one."""

    agent: Agent = field(kw_only=True)
    home: Path | None = field(default=None, kw_only=True)

    def initial(self, world: World) -> str:
        """A new file would make Claude Code start its onboarding; the other clients accept any."""
        if self.kind not in ("claude", *CLONE_KINDS):
            return DIALECTS[self.kind].empty
        if self.kind in CLONE_KINDS and world.files.kind(self.folder) == "folder":
            return DIALECTS[self.kind].empty
        if (other := self.agent.client) != "claude":
            step = f"Nothing; to keep its own config in sync, name a {other}_master in fleet.toml"
            raise OpsError("not_found", f"there is no {self.path}, and {other} reads none", step)
        return super().initial(world)

    @property
    def start(self) -> str:
        return f"Start Claude Code once: ops agent run {self.agent.name}; or put back a backup, then plan again"


@dataclass(frozen=True)
class ContainedConfig(AgentConfig):
    """A config that is only in a container; `folder` is CONTAINER:FOLDER, the notation of `docker cp`."""

    container: Container = field(kw_only=True)

    @property
    def inner_path(self) -> PurePosixPath:
        """Its path in the container."""
        return PurePosixPath(str(self.path).partition(":")[2])

    def target(self, world: World) -> Path:
        """The path that its backups are filed under; the host has no such file."""
        return Path(f"/@{str(self.path).replace(':', '')}")

    def initial(self, world: World) -> str:
        step = f"Start its client once: ops agent run {self.agent.name}"
        raise OpsError("not_found", f"there is no {self.path}", step)

    def read(self, world: World) -> bytes | None:
        return world.containers.read(self.container, self.inner_path)


@dataclass(frozen=True)
class MountedConfig(AgentConfig):
    """A config of the host that is mounted as a single file, at `inner_path` of a container.

    A rename on the host would separate the two, so it is overwritten in place, as Claude Code does in the container,
    under the lock that is in the container. `container` is None if the engine could not be asked for it.
    """

    inner_path: PurePosixPath = field(kw_only=True)
    container: Container | None = field(kw_only=True)

    def read(self, world: World) -> bytes | None:
        """Its content; `conflict` if the container still has a file that was replaced on the host."""
        data = super().read(world)
        inside = world.containers.read_inside(self.container, self.inner_path) if self.container else None
        if self.container and inside not in (None, data, super().read(world)):
            problem = f"the container {self.container.name} has another file than {self.path}, which was replaced"
            raise OpsError("conflict", problem, f"End its session, then: docker restart {self.container.name}")
        return data


def decode(data: bytes) -> str:
    """`data` as text. Bytes that are not UTF-8 are kept for `encode`; a dialect knows what its client makes."""
    return data.decode(errors="surrogateescape")


def encode(text: str) -> bytes:
    """The bytes of a text that `decode` made."""
    return text.encode(errors="surrogateescape")
