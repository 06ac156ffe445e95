"""Which copies of a login go and which store stays. Pure.

For each login that is in several stores, the store that stays is

* the host's, if it holds that login;
* the host's, if it holds another one of the same account that is alive and was renewed no earlier: the copies are
  then most likely an older generation of it, and renewing an old generation revokes the whole login;
* else the copy that most agents use, the newest of them, where it is: it may be the last one alive.

Different accounts are never merged: an agent whose copy would go, and which would then find the host's other login,
has to be given the store that stays first. Until then its copy is held back.
"""

import hashlib
from collections.abc import Mapping
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
    """A copy that goes, or is held back.

    `stays` is the folder of the store that its agents use from then on, `aside` the path to which the copy was moved,
    `undo` the command that brings it back.
    """

    path: Path
    agents: tuple[str, ...]
    generation: str
    stays: Path
    state: Literal["planned", "held", "set_aside", "failed"] = "planned"
    aside: Path | None = None
    undo: str | None = None
    problem: str | None = None


def copies_of(stores: tuple[Store, ...], uses: Mapping[str, Path | None]) -> tuple[Copy, ...]:
    """All copies that go or are held back. The first of `stores` is the host's; only Claude's logins are considered.

    `uses` has the folder of the store that each agent uses.
    """
    of_claude = tuple(store for store in stores if store.path.name == STORE_FILE)
    return tuple(
        _copy(store, generation, stays, of_claude[0], uses)
        for generation, same in copied(of_claude).items()
        for stays in [_staying(of_claude[0], same, uses)]
        for store in same
        if store.folder != stays.folder
    )


def digest(copies: tuple[Copy, ...]) -> str:
    """The name of a plan: it changes with each path, generation or staying store."""
    parts = sorted(f"{copy.path}\n{copy.generation}\n{copy.stays}\n{copy.state}" for copy in copies)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _copy(store: Store, generation: str, stays: Store, host: Store, uses: Mapping[str, Path | None]) -> Copy:
    using = [agent for agent in store.agents if uses.get(agent) == store.folder]
    if stays is host or host.state not in _ALIVE or not using:
        return Copy(store.path, store.agents, generation, stays.folder)
    known = host.account and store.account and host.account != store.account
    other = "another account" if known else "another login, of which the account is not known to be the same"
    problem = f"without it {', '.join(using)} would use the host's login: {other}"
    return Copy(store.path, store.agents, generation, stays.folder, "held", problem=problem)


def _staying(host: Store, copies: tuple[Store, ...], uses: Mapping[str, Path | None]) -> Store:
    if host in copies:
        return host
    folders = list(uses.values())
    most = max(copies, key=lambda copy: (folders.count(copy.folder), _renewed_at(copy)))
    accounts = {copy.account for copy in copies if copy.account}
    newer = host.state in _ALIVE and all(_renewed_at(host) >= _renewed_at(copy) for copy in copies)
    return host if newer and accounts == {host.account} else most


def _renewed_at(store: Store) -> datetime:
    """A time that orders stores by their last renewal."""
    return store.access_expires_at or datetime.min.replace(tzinfo=UTC)
