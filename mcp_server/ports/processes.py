"""What runs on the host, and in its containers."""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from mcp_server.domain.compose import Mount
from mcp_server.domain.secret import Secret


@dataclass(frozen=True)
class Process:
    """A running process as it was started. Of its variables only these are kept, of those that shadow only names."""

    pid: int
    program: str
    "The name of its program, as the kernel has it."
    start: str
    "When it started, as the kernel counts: tells it apart from an earlier process of the same number."
    cwd: Path
    shadows: tuple[str, ...]
    "The variables that stand before the login, the strongest first."
    places: Mapping[str, Path]
    "Where the variables lead that name a client's folder."


class Disk(Protocol):
    def used(self, folders: Collection[Path], patience: float) -> Mapping[Path, int]:
        """The bytes that each folder takes on its disk, of those that could be counted within `patience` seconds.

        What two of them share (a hard link) is counted with the first.
        """
        ...

    def free(self, folder: Path) -> int | None:
        """The bytes that are left on the disk of a folder; None where it does not tell."""
        ...


class Processes(Protocol):
    def below(self, folders: Collection[str]) -> tuple[Process, ...]:
        """This user's processes that stand in these folders, ours left out; `unavailable` where none can be seen."""
        ...


@dataclass(frozen=True)
class Container:
    """One container as its engine made it, running or not. Mounts are those of folders and files of the host."""

    name: str
    service: str
    "Its service in a compose file; empty for one started by hand."
    compose: tuple[Path, ...]
    mounts: tuple[Mount, ...]
    environment: Mapping[str, Secret]
    running: bool


class Containers(Protocol):
    def all(self) -> tuple[Container, ...]:
        """Every container of this host's engine; `unavailable` where none answers in time."""
        ...

    def up(self, compose: Path, service: str) -> None:
        """Have the service's container run; it is made first where need be."""
        ...

    def read(self, container: Container, path: PurePosixPath) -> bytes:
        """The whole of a plain file in the container, running or not; `not_found` where there is none."""
        ...

    def seen_inside(self, container: Container, path: PurePosixPath) -> bytes | None:
        """What a program in a running container reads there; None where that cannot be told."""
        ...

    def replace(self, container: Container, path: PurePosixPath, data: bytes) -> None:
        """Write a file that is there, with its owner and mode; read back. In a running container by a rename."""
        ...

    def config_lock(self, container: Container, path: PurePosixPath) -> AbstractContextManager[None]:
        """`Files.config_lock` in a running container; in another one nobody writes."""
        ...


@dataclass(frozen=True)
class Consulted:
    """What a program of ours answered. `code` is None where it could not be started, or was stopped."""

    code: int | None
    out: str
    error: str
