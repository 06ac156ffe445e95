"""Has Claude Code renew the login of one store, and reads from the store what came of it."""

from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from mcp_server.clients import claude
from mcp_server.clients.write_locks import config_lock, refresh_lock
from mcp_server.kernel.errors import OpsError
from mcp_server.logins.claude_login import parse, with_expiry
from mcp_server.logins.look_store import is_refreshing, lock_age, read_store, unsavable
from mcp_server.logins.refresh_result import (
    DEAD,
    StoreResult,
    dead,
    in_progress,
    refused_copy,
    renewed,
    result,
    still_good,
    unchanged,
)
from mcp_server.logins.store import Store
from mcp_server.operation.world import World

_AS_GOOD_AS_NEW: Final = timedelta(hours=7)
"An access token lasts about 8 h: one with this much time left is not renewed early."
_DUE_NOW: Final = timedelta(minutes=1)
"Time left that makes Claude Code renew a token at once."


def refresh_store(world: World, store: Store, *, is_copy: bool, early: bool) -> StoreResult:
    """Renew the login of `store` if its access token is due, or if `early` and it is not as good as new.

    A copied login is never renewed, as that would log out whoever uses the other copy.
    """
    if store.state in DEAD:
        return _dead(world, store)
    _release_dead_locks(world, store.folder)
    left = (store.access_expires_at or world.clock.now()) - world.clock.now()
    is_due = store.is_due(world.clock.now())
    early = early and not is_due and store.generation is not None and left < _AS_GOOD_AS_NEW
    if not (is_due or early or store.state == "busy"):
        return still_good(store, unsavable(world, store))
    return refused_copy(store) if is_copy else _renew(world, store, early=early)


def _renew(world: World, store: Store, *, early: bool) -> StoreResult:
    """Early, only the generation that was read is renewed: if the stored login has changed meanwhile, another caller
    has already refreshed it. A busy store that is not due is only waited for, if the renewal is one of ops.
    """

    def current() -> Store:
        return read_store(world, store.folder, store.agents)

    def due() -> bool:
        now = current()
        lapsed = now.is_due(world.clock.now())
        if not lapsed and not (early and now.generation == store.generation):
            return False
        _require_savable(world, store)
        if not lapsed:
            _move_expiry(world, now, world.clock.now() + _DUE_NOW)
        return True

    try:
        flight, run = world.claude.refresh(store.folder, due)
    except OpsError as error:
        outcome = "in_progress" if error.kind == "conflict" else "failed"
        return result(current(), outcome, error.message, error.next)
    after = current()
    if after.state in DEAD:
        return _dead(world, after)
    if not after.is_due(world.clock.now()):
        return renewed(store, after)
    if flight == "under_way" or is_refreshing(world, store.folder):
        return in_progress(after, "a renewal is still on")
    if early and store.access_expires_at:
        with suppress(OpsError):  # then a client renews it just now, and the store is as that client leaves it
            _move_expiry(world, after, store.access_expires_at)
        after = current()
    return unchanged(after, run)


def _require_savable(world: World, store: Store) -> None:
    if problem := unsavable(world, store):
        raise problem


def _dead(world: World, store: Store) -> StoreResult:
    return dead(store, is_link=store.state == "unreadable" and world.files.kind(store.path) == "link")


def _release_dead_locks(world: World, folder: Path) -> None:
    """Release the locks of the store that a crashed client left behind, by Claude Code's own rule."""
    age = lock_age(world, folder)
    if age and age > claude.LOCK_DIES_AFTER:
        with suppress(OpsError), refresh_lock(world.files, folder), _write_lock(world, folder):
            pass


def _move_expiry(world: World, store: Store, until: datetime) -> None:
    """Change when clients renew the login, if the store is still as it was read; under both locks of Claude Code.

    Nothing else in the store changes. If ops is killed afterwards, a client renews the login somewhat early.
    """
    with refresh_lock(world.files, store.folder), _write_lock(world, store.folder):
        data = world.files.read(store.path)
        login = parse(data)
        if login and (login.generation, login.access_expires_at) == (store.generation, store.access_expires_at):
            world.files.replace(store.path, with_expiry(data, until), inside=store.folder)


def _write_lock(world: World, folder: Path) -> AbstractContextManager[None]:
    return config_lock(world.files, folder / claude.WRITE_LOCK.removesuffix(".lock"))
