"""The processes of this user, as Linux shows them in /proc."""

import os
import signal
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mcp_server.kernel.cancellation import stop_if_cancelled
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.secret import Secret

_PROC = Path("/proc")
_INTERVAL = 0.1
"Seconds between two looks whether a process has ended: it is no child of this one."


@dataclass(frozen=True)
class Process:
    """A running process as it was started. Its environment is not kept, apart from what these fields say."""

    pid: int
    program: str
    "The name of its program, as the kernel has it."
    start: str
    "Its start time in clock ticks since boot: distinguishes it from an earlier process with the same number."
    cwd: Path
    shadows: tuple[str, ...]
    "The names of its variables that take precedence over the login, the strongest first."
    folders: Mapping[str, Path]
    "The folders that its variables name as a client's folder, by variable."
    parent: int = 0
    script: str = ""
    "The name of the file that its interpreter runs, if it has an argument that is one; no other argument is kept."
    in_terminal: bool = False
    began: datetime | None = None


class Processes:
    """Reads /proc. A process that ends or hides itself meanwhile is left out.

    `shadows` picks the variables that take precedence over a login; `folders` are the variables that name a client's
    folder.
    """

    def __init__(self, shadows: Callable[[Mapping[str, Secret]], tuple[str, ...]], folders: Collection[str]) -> None:
        self._shadows, self._folders = shadows, folders

    def below(self, folders: Collection[str]) -> tuple[Process, ...]:
        """This user's other processes with a working folder in one of these; `unavailable` without /proc."""
        if not (_PROC / "self" / "stat").exists():
            raise OpsError("unavailable", "the processes of this host cannot be listed: it has no /proc", "Run: ps")
        own = {str(os.getpid()), "self"}
        return tuple(
            process
            for pid in _pids()
            if pid not in own and (cwd := _cwd_in(pid, folders)) and (process := self._process(pid, cwd))
        )

    def end(self, process: Process) -> None:
        """Ask a process to end, if it still is the one that was seen; `unavailable` if this host cannot do that."""
        try:
            handle = os.pidfd_open(process.pid)
        except ProcessLookupError:
            return
        try:  # from here on, its number is not given to another one unnoticed
            if _start(process.pid) == process.start:
                signal.pidfd_send_signal(handle, signal.SIGTERM)
        finally:
            os.close(handle)

    def has_ended(self, process: Process, patience: float) -> bool:
        """Whether the process ends within `patience` seconds."""
        deadline = time.monotonic() + patience
        while _start(process.pid) == process.start:
            if time.monotonic() >= deadline:
                return False
            stop_if_cancelled()
            time.sleep(_INTERVAL)  # not a child process: there is no portable way to wait for it
        return True

    def _process(self, pid: str, cwd: Path) -> Process | None:
        """Reads the whole environment and drops all of it but what `Process` keeps."""
        try:
            name, _, fields = (_PROC / pid / "stat").read_text().rpartition(")")
            entries = os.fsdecode((_PROC / pid / "environ").read_bytes()).split("\0")
            words = os.fsdecode((_PROC / pid / "cmdline").read_bytes()).split("\0")
        except (OSError, IndexError):
            return None
        variables = {name: Secret(value) for name, _, value in (entry.partition("=") for entry in reversed(entries))}
        folders = {name: cwd / variables[name].reveal() for name in self._folders if variables.get(name)}
        parts = fields.split()
        return Process(
            pid=int(pid),
            program=name.partition("(")[2],
            start=parts[19],
            cwd=cwd,
            shadows=self._shadows(variables),
            folders=folders,
            parent=int(parts[1]),
            script=script_of(words),
            in_terminal=parts[4] != "0",
            began=_began(int(parts[19])),
        )


def _start(pid: int) -> str | None:
    """The start time of a process that has not ended: one that nobody has waited for yet has."""
    with suppress(OSError, IndexError):
        parts = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return parts[19] if parts[0] != "Z" else None
    return None


def script_of(words: Sequence[str]) -> str:
    """The last part of the first argument that is the path of a file."""
    found = next((word for word in words[1:] if not word.startswith("-")), "")
    return Path(found).name if found.startswith("/") else ""


def _began(ticks: int) -> datetime | None:
    with suppress(OSError, StopIteration):
        lines = (_PROC / "stat").read_text().splitlines()
        boot = next(int(line.split()[1]) for line in lines if line.startswith("btime "))
        return datetime.fromtimestamp(boot + ticks / os.sysconf("SC_CLK_TCK"), UTC)
    return None


def _pids() -> Iterator[str]:
    with suppress(OSError):
        yield from sorted((path.name for path in _PROC.iterdir() if path.name.isdecimal()), key=int)


def _cwd_in(pid: str, folders: Collection[str]) -> Path | None:
    """Its working folder, if that is in one of `folders` and the process is this user's and sees the host's files."""
    with suppress(OSError):
        if (_PROC / pid).stat().st_uid != os.geteuid():
            return None
        cwd = (_PROC / pid / "cwd").readlink()
        # The paths of a process in a container are not the host's, even where they look alike.
        if any(str(place) in folders for place in (cwd, *cwd.parents)) and _namespace(pid) == _namespace("self"):
            return cwd
    return None


def _namespace(pid: str) -> Path:
    return (_PROC / pid / "ns" / "mnt").readlink()
