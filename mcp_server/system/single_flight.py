"""Single flight: of all callers on a host that want to refresh the login of one store, one does it for all."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from mcp_server.kernel.errors import OpsError
from mcp_server.system.folders import private_folder
from mcp_server.system.locks import host_lock

Flight = Literal["ended", "shared", "spared", "under_way"]
"""The result of `single_flight`: the work was done; another caller has done it meanwhile; it is no longer due;
another caller is still doing it."""


def single_flight(
    store: Path, state: Path, wait: float, due: Callable[[], bool], work: Callable[[Path, int], None]
) -> Flight:
    """Do `work` for `store` if it is `due`, after waiting up to `wait` seconds for another caller that does it.

    `work` gets the path of the lock and its descriptor, which a child may inherit.
    """
    lock = _lock_of(store, state)
    before = _count(lock)
    try:
        with host_lock(lock, wait) as held:
            if _count(lock) != before:
                return "shared"
            if not due():
                return "spared"
            work(lock, held)
            os.pwrite(held, b"%020d" % (before + 1), 0)
            return "ended"
    except OpsError as error:
        if error.kind == "conflict":
            return "under_way"
        raise


def _lock_of(store: Path, state: Path) -> Path:
    folder = state / "locks"
    private_folder(folder, state)
    from hashlib import sha256  # noqa: PLC0415  only where a login is renewed

    name = sha256(os.fsencode(os.path.realpath(store))).hexdigest()[:16]
    return folder / f"login-{name}.lock"


def _count(lock: Path) -> int:
    """How often the work of this store has been done, as counted in the lock file."""
    try:
        return int(lock.read_bytes() or b"0")
    except (OSError, ValueError):
        return 0
