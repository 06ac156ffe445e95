"""What runs on the host, and in its containers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


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
