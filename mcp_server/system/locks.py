"""Two kinds of lock: a flock for this host, which ends with its holder, and the lock folders of other programs."""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from mcp_server.kernel.cancellation import stop_if_cancelled
from mcp_server.kernel.errors import OpsError, refused_by_os

_PAUSE = 0.02
"Seconds between two tries: flock has no timeout, and nothing signals that a folder was removed."


@contextmanager
def host_lock(path: Path, wait: float) -> Generator[int]:
    """Hold an exclusive flock on `path`, which the kernel releases when the holder dies. `conflict` after `wait` s.

    Yields the lock's file descriptor: a child that inherits it holds the lock too, even after this process has ended.
    """
    with refused_by_os(f"cannot lock {path}", "Set OPS_HOME to a folder that you can write"):
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + wait
        while not _try_flock(fd):
            if time.monotonic() >= deadline:
                message = f"another ops process holds {path.name}"
                raise OpsError("conflict", message, f"Wait for it, or see which one: fuser {path}")
            stop_if_cancelled()
            time.sleep(_PAUSE)  # a blocking flock has no timeout and cannot be cancelled
        yield fd
    finally:
        os.close(fd)


def _try_flock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def directory_lock(lock: Path, stale_after: float, wait: float = 0.0) -> Generator[None]:
    """Hold the folder `lock`. One not touched for `stale_after` seconds, left by a crashed process, is taken over.

    `conflict` if another program still holds it after `wait` seconds.
    """
    deadline = time.monotonic() + wait
    _remove_if_stale(lock, stale_after)
    while not _try_mkdir(lock):
        if time.monotonic() >= deadline:
            step = f"Run the same again in a minute; if it is still there, its holder has crashed: rmdir {lock}"
            raise OpsError("conflict", f"another program holds the lock {lock}", step)
        stop_if_cancelled()
        time.sleep(_PAUSE)  # nothing signals that a folder was removed
        _remove_if_stale(lock, stale_after)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            lock.rmdir()


def _try_mkdir(lock: Path) -> bool:
    with refused_by_os(f"cannot lock {lock}", f"Check the rights of {lock.parent}"):
        try:
            lock.mkdir(mode=0o700)
        except FileExistsError:
            return False
    return True


def _remove_if_stale(lock: Path, after: float) -> None:
    with suppress(FileNotFoundError):
        if time.time() - lock.lstat().st_mtime > after:
            with suppress(OSError):
                lock.rmdir()
