"""One process at a time makes an environment; the others wait and report its progress."""

import errno
import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.state_folder import state_folder
from mcp_server.setup.environment import Environment, candidates, say
from mcp_server.system.private_folder import NotPrivateError, make_private

RETRY = "Fix that, then run again"
_READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def claimed(root: Path) -> Generator[tuple[Environment, int]]:
    """The first candidate that can be written, with its guard file open but not locked yet."""
    for target in candidates(root):
        try:
            guard = open_guard(target)
        except NotPrivateError as error:
            raise OpsError("denied", str(error), error.next) from None
        except OSError as error:
            if error.errno not in _READ_ONLY:
                raise OpsError("unavailable", f"{target.folder}: {error.strerror}", RETRY) from None
            continue
        try:
            yield target, guard
        finally:
            os.close(guard)
        return
    raise OpsError(
        "denied",
        "neither " + " nor ".join(str(target.folder) for target in candidates(root)) + " can be written",
        "Set OPS_HOME to a folder that you can write",
    )


def open_guard(target: Environment) -> int:
    state = state_folder(os.environ, Path.home())
    if target.folder.is_relative_to(state):
        make_private(str(target.folder), str(state))
    target.folder.mkdir(exist_ok=True)
    _refuse_foreign(target)
    return os.open(target.guard, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _refuse_foreign(target: Environment) -> None:
    ours = target.guard.exists() or not any(target.folder.iterdir())
    if target.folder.is_symlink() or not ours:
        raise OpsError(
            "conflict",
            f"{target.folder} was not made by ops, so it is left alone",
            f"Move it away and run again: mv {target.folder} {target.folder}.mine",
        )


def wait(target: Environment, guard: int) -> bool:
    """Take the lock. Returns whether another set-up held it; its progress is reported meanwhile."""
    last = None
    while not _locked(guard):
        news = target.progress()
        if news != last:
            say(f"another process sets up, waiting for it: {news}")
        last = news
        time.sleep(0.1)  # no blocking flock, so that progress can be reported; a dead process holds no lock
    return last is not None


def _locked(guard: int) -> bool:
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
