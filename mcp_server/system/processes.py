"""The processes of this user, as Linux shows them in /proc."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.secret import Secret

_PROC = Path("/proc")


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

    def _process(self, pid: str, cwd: Path) -> Process | None:
        """Reads the whole environment and drops all of it but what `Process` keeps."""
        try:
            name, _, fields = (_PROC / pid / "stat").read_text().rpartition(")")
            entries = os.fsdecode((_PROC / pid / "environ").read_bytes()).split("\0")
        except (OSError, IndexError):
            return None
        variables = {name: Secret(value) for name, _, value in (entry.partition("=") for entry in reversed(entries))}
        folders = {name: cwd / variables[name].reveal() for name in self._folders if variables.get(name)}
        return Process(int(pid), name.partition("(")[2], fields.split()[19], cwd, self._shadows(variables), folders)


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
