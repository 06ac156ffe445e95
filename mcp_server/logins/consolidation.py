"""Which copies of a login go and which store stays. Pure.

For each login that is in several stores, the store that stays is

* the host's, if it holds that login;
* the host's, if it holds another one that is alive and was renewed no earlier: the copies are then most likely an
  older generation of it, and renewing an old generation revokes the whole login;
* else the newest of the copies, where it is: it may be the last one alive. Different logins are never merged into one
  file, as nothing in a store distinguishes two accounts from two generations.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from mcp_server.clients.claude import STORE_FILE
from mcp_server.logins.claude_login import State
from mcp_server.logins.store import Store, copied

_ALIVE: Final[tuple[State, ...]] = ("healthy", "access_lapsed", "login_ending", "busy")


@dataclass(frozen=True)
class Copy:
    """A copy that goes.

    `stays` is the folder of the store that its agents use from then on, `aside` the path to which the copy was moved,
    `undo` the command that brings it back.
    """

    path: Path
    agents: tuple[str, ...]
    generation: str
    stays: Path
    state: Literal["planned", "set_aside", "failed"] = "planned"
    aside: Path | None = None
    undo: str | None = None
    problem: str | None = None


def copies_to_set_aside(stores: tuple[Store, ...]) -> tuple[Copy, ...]:
    """All copies that go. The first of `stores` is the host's; only Claude's logins are considered."""
    of_claude = tuple(store for store in stores if store.path.name == STORE_FILE)
    return tuple(
        Copy(store.path, store.agents, generation, stays)
        for generation, same in copied(of_claude).items()
        for stays in [_staying(of_claude[0], same).folder]
        for store in same
        if store.folder != stays
    )


def digest(copies: tuple[Copy, ...]) -> str:
    """The name of a plan: it changes with each path, generation or staying store."""
    parts = sorted(f"{copy.path}\n{copy.generation}\n{copy.stays}" for copy in copies)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _staying(host: Store, copies: tuple[Store, ...]) -> Store:
    if host in copies:
        return host
    newest = max(copies, key=_renewed_at)
    return host if host.state in _ALIVE and _renewed_at(host) >= _renewed_at(newest) else newest


def _renewed_at(store: Store) -> datetime:
    """A time that orders stores by their last renewal."""
    return store.access_expires_at or datetime.min.replace(tzinfo=UTC)
