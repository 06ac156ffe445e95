"""Containers of this host, as their engine made them."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from mcp_server.kernel.mount import Mount
from mcp_server.kernel.secret import Secret


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
