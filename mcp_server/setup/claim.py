"""Who may make an environment: one process at a time, the others wait and tell how far it is."""

import errno
import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from mcp_server.kernel.errors import OpsError
from mcp_server.setup.environment import Environment, places, say

RETRY = "Set that right and run again"
_READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def claimed(root: Path) -> Generator[tuple[Environment, int]]:
    """The first place that can be written, with its guard file open (not locked yet)."""
    for place in places(root):
        try:
            held = _open_guard(place)
        except OSError as error:
            if error.errno not in _READ_ONLY:
                raise OpsError(
                    "unavailable", f"{place.folder}: {error.strerror}", "Set that right and run again"
                ) from None
            continue
        try:
            yield place, held
        finally:
            os.close(held)
        return
    raise OpsError(
        "denied",
        "neither " + " nor ".join(str(place.folder) for place in places(root)) + " can be written",
        "Set OPS_HOME to a folder that you can write",
    )


def _open_guard(place: Environment) -> int:
    for parent in (place.folder.parents[1], place.folder.parents[0]):
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.folder.mkdir(exist_ok=True)
    _refuse_foreign(place)
    return os.open(place.guard, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _refuse_foreign(place: Environment) -> None:
    ours = place.guard.exists() or not any(place.folder.iterdir())
    if place.folder.is_symlink() or not ours:
        raise OpsError(
            "conflict",
            f"{place.folder} was not made by ops, so it is left alone",
            f"Move it away and run again: mv {place.folder} {place.folder}.mine",
        )


def wait(place: Environment, held: int) -> bool:
    """Take the lock; whether another set-up held it meanwhile (its progress is told)."""
    told = None
    while not _locked(held):
        news = place.progress()
        if news != told:
            say(f"another process sets up, waiting for it: {news}")
        told = news
        time.sleep(0.1)  # not one blocking flock: the other's progress is told meanwhile; a dead one's lock is free
    return told is not None


def _locked(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
