"""One flight: however many callers of a host ask for the renewal of a store at once, one of them renews it."""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Literal

from mcp_server.kernel.errors import OpsError
from mcp_server.system.folders import private_folder
from mcp_server.system.locks import host_lock

Flight = Literal["ended", "shared", "spared", "under_way"]
"""How a call of `refresh` went: its own run ended; another caller's run ended meanwhile; none was needed any more;
a run is still on."""


def one_flight(
    store: Path, state: Path, wait: float, due: Callable[[], bool], fly: Callable[[Path, int], None]
) -> Flight:
    """`fly` gets the lock's path and its descriptor, for a child to inherit. Callers wait `wait` seconds for it."""
    lock = _lock_of(store, state)
    flown = _flights(lock)
    try:
        with host_lock(lock, wait) as held:
            if _flights(lock) != flown:
                return "shared"
            if not due():
                return "spared"
            fly(lock, held)
            os.pwrite(held, b"%020d" % (flown + 1), 0)
            return "ended"
    except OpsError as error:
        if error.kind == "conflict":
            return "under_way"
        raise


def _lock_of(store: Path, state: Path) -> Path:
    folder = state / "locks"
    private_folder(folder, state)
    name = sha256(os.fsencode(os.path.realpath(store))).hexdigest()[:16]
    return folder / f"login-{name}.lock"


def _flights(lock: Path) -> int:
    """How many flights of this store have ended, as the lock file counts them."""
    try:
        return int(lock.read_bytes() or b"0")
    except (OSError, ValueError):
        return 0
