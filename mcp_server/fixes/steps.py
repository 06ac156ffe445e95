"""The steps of which repairs consist. A plan shows them; `write_step.py` takes them and takes them back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shlex import join


@dataclass(frozen=True)
class WriteFile:
    """Write a whole file below `inside`, or remove it (`data` None); `why` says what changes in it."""

    path: Path
    inside: Path
    data: bytes | None = field(repr=False)
    why: str
    mode: int = 0o600

    @property
    def shown(self) -> str:
        return f"{'remove' if self.data is None else 'write'} {self.path}: {self.why}"


@dataclass(frozen=True)
class AppendLine:
    """Append a line to a file below `inside`, which is made if it is missing. Several repairs may append to one."""

    path: Path
    inside: Path
    line: str

    @property
    def shown(self) -> str:
        return f"append to {self.path}: {self.line}"


@dataclass(frozen=True)
class RemoveMember:
    """Remove what a JSON file below `inside` has at a pointer. Several repairs may edit one file."""

    path: Path
    inside: Path
    pointer: str

    @property
    def shown(self) -> str:
        return f"remove {self.pointer} from {self.path}"


@dataclass(frozen=True)
class ChangeMode:
    path: Path
    mode: int

    @property
    def shown(self) -> str:
        return f"chmod {self.mode:o} {self.path}"


@dataclass(frozen=True)
class RunCommand:
    """Run a program of git or ops in `folder`.

    `clone`: the clone whose branches it may move. `files`: files that it may change. `undo`: the command that takes
    it back. What none of these covers cannot be taken back.
    """

    command: tuple[str, ...]
    folder: Path
    clone: Path | None = None
    files: tuple[Path, ...] = ()
    undo: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return join(self.command)


Step = WriteFile | AppendLine | RemoveMember | ChangeMode | RunCommand


@dataclass(frozen=True)
class Fix:
    """The repair of one finding. `agent` is "" for a finding about the fleet."""

    code: str
    agent: str
    message: str
    steps: tuple[Step, ...]

    @property
    def shown(self) -> Sequence[str]:
        return [step.shown for step in self.steps]
