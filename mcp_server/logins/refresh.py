"""`token_refresh` lets Claude Code renew the logins that are due.

The verdict on a renewal comes from the store alone, read back: the binary's exit code is 0 even when the server
refused. A login that lies in two stores is never renewed, as that would log out whoever holds the other copy.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shlex import quote
from typing import Final, Literal

from pydantic import Field

from mcp_server.clients.claude import LOCK_DIES_AFTER
from mcp_server.clients.write_locks import config_lock, refresh_lock
from mcp_server.kernel.document import columns
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.humanize import agent_names, expiries
from mcp_server.logins.claude_login import State, with_expiry
from mcp_server.logins.claude_login import parse as parse_login
from mcp_server.logins.findings import left_behind, login_step
from mcp_server.logins.look_hazards import copied
from mcp_server.logins.look_session_hazards import session_hazards
from mcp_server.logins.look_stores import StoreLook, is_refreshing, lock_age, look, look_at
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.operation.world import World

Outcome = Literal["refreshed", "not_needed", "in_progress", "needs_login", "refused", "failed"]

_GRAVITY: Final[tuple[Outcome, ...]] = ("failed", "needs_login", "refused", "in_progress", "refreshed", "not_needed")
_OVER: Final[tuple[State, ...]] = ("blanked", "absent", "login_expired")
_AS_GOOD_AS_NEW: Final = timedelta(hours=7)
"An access token lives about 8 h: one with this much left is not renewed early."
_AT_ONCE: Final = timedelta(minutes=1)
_ROOM: Final = 64 * 1024
_WRITE_LOCK: Final = ".storage-write"
"Claude Code holds the folder `.storage-write.lock` around each write of a store (2.1.328)."
_GOOD: Final = "the access token is still good"
_AGAIN: Final = "Run ops token refresh again in a minute"
_COPIES: Final = "Keep one of the copies, see the plan: ops token consolidate"
_WHY: Final[dict[State, str]] = {
    "blanked": "the server refused the login and Claude Code emptied it",
    "absent": "nobody is logged in here",
    "login_expired": "the login is past its end",
}


class RefreshParams(Params):
    early: bool = Field(default=False, description="Renew although there is time left: before a long unattended run")


@dataclass(frozen=True)
class StoreResult:
    """One store after `token_refresh`, as read back; `message` says why the outcome is what it is."""

    path: Path
    outcome: Outcome
    state: State
    access_expires_at: datetime | None
    login_expires_at: datetime | None
    generation: str | None
    agents: tuple[str, ...]
    message: str
    next: str | None


@dataclass(frozen=True)
class TokenRefresh:
    """`outcome` is the gravest of the stores'. `restart`: agents whose sessions use another store than they should;
    those on a renewed one read it by themselves (seen on 2.1.328)."""

    outcome: Outcome
    stores: tuple[StoreResult, ...]
    restart: tuple[str, ...]
    finished_at: datetime
    next: str | None


def _refresh(ctx: Context, params: RefreshParams) -> TokenRefresh:
    looks = look(ctx)
    copies = {store.path for stores in copied(looks).values() for store in stores}
    astray = [hazard for hazard in session_hazards(ctx, looks) if hazard.code == "restart_needed"]
    used = [
        store
        for store in looks
        if store.client == "claude" and (store.state != "absent" or store.agents) and not left_behind(store, astray)
    ]
    results = tuple(_settled(ctx.world, store, store.path in copies, early=params.early) for store in used)
    by_gravity = sorted(results, key=lambda result: _GRAVITY.index(result.outcome))
    gravest = by_gravity[0].outcome if by_gravity else "not_needed"
    steps = [result.next for result in by_gravity if result.next] + [hazard.next for hazard in astray]
    restart = tuple(dict.fromkeys(name for hazard in astray for name in hazard.agents))
    return TokenRefresh(gravest, results, restart, ctx.world.clock.now(), steps[0] if steps else None)


def _settled(world: World, store: StoreLook, is_copy: bool, *, early: bool) -> StoreResult:
    if store.state in _OVER or store.state == "unreadable":
        return _dead(world, store)
    _take_from_the_dead(world, store.folder)
    left = (store.access_expires_at or world.clock.now()) - world.clock.now()
    is_due = store.is_due(world.clock.now())
    early = early and not is_due and store.generation is not None and left < _AS_GOOD_AS_NEW
    if not (is_due or early or store.state == "busy"):
        return _alive(world, store, "not_needed", _GOOD)
    if is_copy:
        message = "the same login lies in another store: renewing it here would log out whoever uses the other"
        return _result(store, "refused", message, _COPIES)
    return _renewed(world, store, early=early)


def _take_from_the_dead(world: World, folder: Path) -> None:
    """Claude Code's locks of the store, if their holder died with them: taken over by its rule, and given back."""
    age = lock_age(world, folder)
    if age and age > LOCK_DIES_AFTER:
        with suppress(OpsError), refresh_lock(world.files, folder), config_lock(world.files, folder / _WRITE_LOCK):
            pass


def _renewed(world: World, store: StoreLook, *, early: bool) -> StoreResult:
    """Early, only the login that was seen is renewed: who finds another one comes when it is done already.

    A busy store that is not due is only waited for, if the renewal is one of ours.
    """

    def now_stands() -> StoreLook:
        return look_at(world, store.folder, store.agents)

    def due() -> bool:
        stands = now_stands()
        lapsed = stands.is_due(world.clock.now())
        if not lapsed and not (early and stands.generation == store.generation):
            return False
        world.files.room_for(store.folder, _ROOM)  # Claude Code asks first, and then cannot save: seen on 2.1.328
        if not lapsed:
            _move_expiry(world, stands, world.clock.now() + _AT_ONCE)
        return True

    try:
        flight = world.claude.refresh(store.folder, due)
    except OpsError as error:
        return _result(
            now_stands(), "in_progress" if error.kind == "conflict" else "failed", error.message, error.next
        )
    after = now_stands()
    if after.state in _OVER or after.state == "unreadable":
        return _dead(world, after)
    if not after.is_due(world.clock.now()):
        return _good(world, store, after)
    if flight == "under_way" or is_refreshing(world, store.folder):
        return _result(after, "in_progress", "a renewal is still on", _AGAIN)
    if early and store.access_expires_at:
        with suppress(OpsError):  # then a client has it in hand, and the store stands as that leaves it
            _move_expiry(world, after, store.access_expires_at)
        after = now_stands()
    message = "Claude Code ran, and the store is as before: no new token was saved"
    return _result(after, "failed", message, "Run ops token refresh again in a few minutes")


def _good(world: World, before: StoreLook, after: StoreLook) -> StoreResult:
    if (after.generation, after.access_expires_at) != (before.generation, before.access_expires_at):
        return _alive(world, after, "refreshed", "Claude Code renewed it")
    if after.state == "busy":
        return _result(after, "in_progress", "a client is renewing it right now", _AGAIN)
    return _alive(world, after, "not_needed", _GOOD)


def _move_expiry(world: World, store: StoreLook, until: datetime) -> None:
    """Tell the clients when to renew, if the store is still as it was seen, under both of Claude Code's own locks.

    Nothing else is changed, no token least of all. Killed afterwards, a client just renews the login somewhat early.
    """
    with refresh_lock(world.files, store.folder), config_lock(world.files, store.folder / _WRITE_LOCK):
        data = world.files.read(store.path)
        login = parse_login(data)
        if login and (login.generation, login.access_expires_at) == (store.generation, store.access_expires_at):
            world.files.replace(store.path, with_expiry(data, until), inside=store.folder)


def _dead(world: World, store: StoreLook) -> StoreResult:
    """A store that no renewal can help: the login is over, or what lies there is no readable file."""
    if store.state != "unreadable":
        return _result(store, "needs_login", _WHY[store.state], login_step(world, store))
    if world.files.kind(store.path) == "link":
        message = f"{store.path} is a symbolic link, which a renewal would replace by a copy of the login"
        return _result(store, "refused", message, f"Remove the link: rm {quote(str(store.path))}")
    return _result(store, "failed", "; ".join(store.problems), login_step(world, store))


def _alive(world: World, store: StoreLook, outcome: Outcome, message: str) -> StoreResult:
    step = login_step(world, store) if store.state == "login_ending" else None
    return _result(store, outcome, message, step)


def _result(store: StoreLook, outcome: Outcome, message: str, step: str | None) -> StoreResult:
    return StoreResult(
        store.path,
        outcome,
        store.state,
        store.access_expires_at,
        store.login_expires_at,
        store.generation,
        store.agents,
        message,
        step,
    )


def _refresh_text(answer: TokenRefresh) -> str:
    rows = [("OUTCOME", "STATE", "ACCESS TOKEN", "LOGIN", "AGENTS", "STORE")]
    rows += [
        (s.outcome, s.state, *expiries(s, answer.finished_at), agent_names(s.agents), str(s.path))
        for s in answer.stores
    ]
    lines = [columns(rows), *(f"{s.outcome}: {s.message}" for s in answer.stores if s.outcome != "not_needed")]
    return "\n".join([*lines, f"Next: {answer.next}" if answer.next else "Nothing is left to do."])


TOKEN_REFRESH = Operation(
    name="token_refresh",
    title="Refresh the logins",
    summary="Lets Claude Code renew the access tokens that are due, once per host however many ask, and tells from "
    "the stores what came of it. A copied login is refused; a dead one needs a human's /login.",
    effect=Effect.WRITE,
    params=RefreshParams,
    shell_only=frozenset({"early"}),
    run=_refresh,
    text=_refresh_text,
    ok=lambda answer: answer.outcome in ("refreshed", "not_needed"),
    open_world=True,
)
