"""This host as an operation sees it: the time, the processes of this user by Linux's /proc, and the disk by `du`."""

import os
import shutil
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.secret import Secret
from mcp_server.system.child_processes import said_by
from mcp_server.system.processes import Process

_PROC = Path("/proc")
_BLOCK = 1024


class SystemClock:
    """`ports.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class DuDisk:
    """`ports.Disk`: `du` counts, as a clone may hold more files than we can walk in time."""

    def used(self, folders: Collection[Path], patience: float) -> Mapping[Path, int]:
        command = ["du", "-skx", "--", *map(str, folders)]
        try:
            counting = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        except OSError:
            return {}
        told = os.fsdecode(said_by(counting, patience).out)  # whole lines: one is written when its folder is done
        lines = (line.partition("\t") for line in told.splitlines())
        return {Path(path): int(size) * _BLOCK for size, _, path in lines if size.isdigit()}

    def free(self, folder: Path) -> int | None:
        try:
            return shutil.disk_usage(folder).free
        except OSError:
            return None


class ProcProcesses:
    """`ports.Processes`. A process that ends, or hides itself, while it is looked at is left out.

    `shadows` picks the variables that shadow a login; `folders` are those whose values name a client's folder.
    """

    def __init__(self, shadows: Callable[[Mapping[str, Secret]], tuple[str, ...]], folders: Collection[str]) -> None:
        self._shadows, self._folders = shadows, folders

    def below(self, folders: Collection[str]) -> tuple[Process, ...]:
        if not (_PROC / "self" / "stat").exists():
            raise OpsError("unavailable", "this host does not tell what runs on it", "Look yourself: ps")
        own = {str(os.getpid()), "self"}
        return tuple(
            process
            for pid in _pids()
            if pid not in own and (cwd := _stands_in(pid, folders)) and (process := self._process(pid, cwd))
        )

    def _process(self, pid: str, cwd: Path) -> Process | None:
        """Reads the whole environment and lets go of all but what `Process` keeps."""
        try:
            named, _, told = (_PROC / pid / "stat").read_text().rpartition(")")
            entries = os.fsdecode((_PROC / pid / "environ").read_bytes()).split("\0")
        except (OSError, IndexError):
            return None
        variables = {name: Secret(value) for name, _, value in (entry.partition("=") for entry in reversed(entries))}

        places = {name: cwd / variables[name].reveal() for name in self._folders if variables.get(name)}
        return Process(int(pid), named.partition("(")[2], told.split()[19], cwd, self._shadows(variables), places)


def _pids() -> Iterator[str]:
    with suppress(OSError):
        yield from sorted((path.name for path in _PROC.iterdir() if path.name.isdecimal()), key=int)


def _stands_in(pid: str, folders: Collection[str]) -> Path | None:
    """Its working folder where that is one of `folders` or below, and it is ours and sees the host's files."""
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
