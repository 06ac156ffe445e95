"""Two locks: ours for the host (flock, gone with its holder), and Claude Code's for one config file."""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from mcp_server.clients.claude import LOCK_DIES_AFTER
from mcp_server.kernel.cancellation import go_on
from mcp_server.kernel.errors import OpsError, refused_by_os

# Claude Code 2.1.328 takes a `.claude.json.lock` of 8 s and older for stale and removes it; a younger one
# only delays it. Its own locks are held for milliseconds.
STALE_AFTER = 10.0
_PAUSE = 0.02
"Seconds between two tries: flock waits without a bound, and a folder tells nobody that it went."


@contextmanager
def host_lock(path: Path, wait: float) -> Generator[int]:
    """Hold an exclusive flock on `path`; the kernel lets go of it when the holder dies.

    Gives the lock's file descriptor: a child that inherits it holds the lock too, even after our death.
    """
    with refused_by_os(f"cannot lock {path}", "Set OPS_HOME to a folder that you can write"):
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + wait
        while not _try_flock(fd):
            if time.monotonic() >= deadline:
                raise OpsError(
                    "conflict",
                    f"another ops process holds {path.name}",
                    f"Wait for it, or see who: fuser {path}",
                )
            go_on()
            time.sleep(_PAUSE)
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
def config_lock(path: Path, wait: float = 15.0) -> Generator[None]:
    """Hold `<path>.lock`, the folder that Claude Code makes around each write of a `.claude.json`."""
    lock = path.with_name(path.name + ".lock")
    deadline = time.monotonic() + wait
    while not _try_mkdir(lock):
        _drop_if_stale(lock)
        if time.monotonic() >= deadline:
            raise OpsError("conflict", f"{path} stays locked by {lock.name}", "Run the same again in a minute")
        go_on()
        time.sleep(_PAUSE)
    with _given_back(lock):
        yield


@contextmanager
def refresh_lock(lock: Path) -> Generator[None]:
    """Hold `lock`, the folder that Claude Code makes while it renews a login, for less than it needs to get stale.

    Seen on 2.1.328: while somebody else holds it, no client posts a renewal; left by the dead, it bars them for 60 s,
    and then whoever comes takes it over, as this does.
    """
    _drop_if_stale(lock, LOCK_DIES_AFTER.total_seconds())
    if not _try_mkdir(lock):
        raise OpsError(
            "conflict",
            f"a client is renewing the login in {lock.parent}",
            f"Run the same again in a minute; if {lock} is older than that its holder died: rmdir {lock}",
        )
    with _given_back(lock):
        yield


@contextmanager
def _given_back(lock: Path) -> Generator[None]:
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


def _drop_if_stale(lock: Path, after: float = STALE_AFTER) -> None:
    with suppress(FileNotFoundError):
        if time.time() - lock.lstat().st_mtime > after:
            with suppress(OSError):
                lock.rmdir()
