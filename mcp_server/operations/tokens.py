"""`token_check` looks at every login of the fleet; `token_refresh` lets Claude Code renew those that are due.

The verdict on a renewal comes from the store alone, read back: the binary's exit code is 0 even when the server
refused. A login that lies in two stores is never renewed, as that would log out whoever holds the other copy.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import Final, Literal

from mcp_server.domain.document import columns
from mcp_server.domain.errors import OpsError
from mcp_server.domain.finding import Hazard
from mcp_server.domain.login import State
from mcp_server.domain.other_login import OTHERS
from mcp_server.domain.wording import named, span
from mcp_server.observe.hazards import copied, hazards
from mcp_server.observe.sessions import session_hazards
from mcp_server.observe.stores import StoreLook, is_refreshing, look, look_at, unseen_agents
from mcp_server.ports import Context, Effect, Operation, Params, World

Outcome = Literal["refreshed", "not_needed", "in_progress", "needs_login", "refused", "failed"]

_GRAVITY: Final[tuple[Outcome, ...]] = ("failed", "needs_login", "refused", "in_progress", "refreshed", "not_needed")
_OVER: Final[tuple[State, ...]] = ("blanked", "absent", "login_expired")
_FINE: Final[tuple[State, ...]] = ("healthy", "access_lapsed", "busy")
_BEFORE_A_LOGIN: Final = ("copied_login", "symlinked_store")
_MOST: Final = 60
_AGAIN: Final = "Run ops token refresh again in a minute"
_COPIES: Final = "Keep one of the copies, see the plan: ops token consolidate"
_WHY: Final[dict[State, str]] = {
    "blanked": "the server refused the login and Claude Code emptied it",
    "absent": "nobody is logged in here",
    "login_expired": "the login is past its end",
}


class CheckParams(Params):
    """None: the check is about the whole fleet."""


class RefreshParams(Params):
    """None: what is due is renewed, the rest is left alone."""


@dataclass(frozen=True)
class TokenCheck:
    """`unseen` are agents whose login was not found, `unknown` says what could not be looked at; `omitted` counts
    what the answer has no room for."""

    stores: tuple[StoreLook, ...]
    hazards: tuple[Hazard, ...]
    unseen: tuple[str, ...]
    unknown: tuple[str, ...]
    omitted: int
    checked_at: datetime
    next: str | None


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


def _check(ctx: Context, _: CheckParams) -> TokenCheck:
    looks = look(ctx)
    found = hazards(ctx, looks)
    bombs = [hazard.next for hazard in found if hazard.code in _BEFORE_A_LOGIN]
    logins = [login_step(ctx.world, store) for store in looks if not _is_fine(store)]
    steps = [*bombs, *logins, *(hazard.next for hazard in found)]
    omitted = len(looks[_MOST:]) + len(found[_MOST:])
    return TokenCheck(
        looks[:_MOST],
        found[:_MOST],
        unseen_agents(ctx, looks),
        (ctx.engine.message,) if isinstance(ctx.engine, OpsError) else (),
        omitted,
        ctx.world.clock.now(),
        steps[0] if steps else None,
    )


def _is_fine(store: StoreLook) -> bool:
    return store.state in _FINE or (store.state == "absent" and not store.agents)


def login_step(world: World, store: StoreLook) -> str:
    """The one next step for a store whose login does not renew itself."""
    if store.state == "unreadable":
        return f"Look at it: ls -la {quote(str(store.path))}"
    if store.client != "claude":
        other = next(other for other in OTHERS if other.client == store.client)
        return f"A human logs in: {other.variable}={quote(str(store.folder))} {other.login}"
    until = store.login_expires_at if store.state == "login_ending" else None
    when = f" before {until:%Y-%m-%d %H:%M} UTC" if until else ""
    usual = store.folder == world.files.real(world.home / ".claude")
    place = "" if usual else f"CLAUDE_SECURESTORAGE_CONFIG_DIR={quote(str(store.folder))} "
    return f"A human logs in{when}: {place}claude, then /login"


def _refresh(ctx: Context, _: RefreshParams) -> TokenRefresh:
    looks = look(ctx)
    copies = {store.path for stores in copied(looks).values() for store in stores}
    used = [store for store in looks if store.client == "claude" and (store.state != "absent" or store.agents)]
    results = tuple(_settled(ctx.world, store, store.path in copies) for store in used)
    by_gravity = sorted(results, key=lambda result: _GRAVITY.index(result.outcome))
    gravest = by_gravity[0].outcome if by_gravity else "not_needed"
    steps = [result.next for result in by_gravity if result.next]
    astray = [hazard for hazard in session_hazards(ctx, looks) if hazard.code == "restart_needed"]
    restart = tuple(dict.fromkeys(name for hazard in astray for name in hazard.agents))
    return TokenRefresh(gravest, results, restart, ctx.world.clock.now(), steps[0] if steps else None)


def _settled(world: World, store: StoreLook, is_copy: bool) -> StoreResult:
    if store.state in _OVER or store.state == "unreadable":
        return _dead(world, store)
    if not store.is_due(world.clock.now()):
        if store.state == "busy":
            return _result(store, "in_progress", "a client is renewing it right now", _AGAIN)
        return _alive(world, store, "not_needed", "the access token is still good")
    if is_copy:
        message = "the same login lies in another store: renewing it here would log out whoever uses the other"
        return _result(store, "refused", message, _COPIES)
    return _renewed(world, store)


def _renewed(world: World, store: StoreLook) -> StoreResult:
    def now_stands() -> StoreLook:
        return look_at(world, store.folder, store.agents)

    try:
        flight = world.claude.refresh(store.folder, lambda: now_stands().is_due(world.clock.now()))
    except OpsError as error:
        return _result(now_stands(), "failed", error.message, error.next)
    after = now_stands()
    if after.state in _OVER or after.state == "unreadable":
        return _dead(world, after)
    if not after.is_due(world.clock.now()):
        return _alive(world, after, "refreshed", "Claude Code renewed it")
    if flight == "under_way" or is_refreshing(world, store.folder):
        return _result(after, "in_progress", "a renewal is still on", _AGAIN)
    message = "Claude Code ran, and the store is as before: no new token was saved"
    return _result(after, "failed", message, "Run ops token refresh again in a few minutes")


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


def _check_text(answer: TokenCheck) -> str:
    rows = [("STATE", "ACCESS TOKEN", "LOGIN", "AGENTS", "STORE")]
    rows += [(s.state, *_clocks(s, answer.checked_at), named(s.agents), str(s.path)) for s in answer.stores]
    lines = [columns(rows), *(f"! {problem}" for store in answer.stores for problem in store.problems)]
    for hazard in answer.hazards:
        lines += [f"! {hazard.code}: {hazard.message} ({named(hazard.agents)})", f"    {hazard.next}"]
    if answer.unseen:
        lines.append(f"? not known which login they use: {named(answer.unseen)}")
    lines += [f"? {reason}" for reason in answer.unknown]
    if answer.omitted:
        lines.append(f"... and {answer.omitted} more")
    return "\n".join([*lines, f"Next: {answer.next}" if answer.next else "All logins are well."])


def _refresh_text(answer: TokenRefresh) -> str:
    rows = [("OUTCOME", "STATE", "ACCESS TOKEN", "LOGIN", "AGENTS", "STORE")]
    rows += [
        (s.outcome, s.state, *_clocks(s, answer.finished_at), named(s.agents), str(s.path)) for s in answer.stores
    ]
    lines = [columns(rows), *(f"{s.outcome}: {s.message}" for s in answer.stores if s.outcome != "not_needed")]
    return "\n".join([*lines, f"Next: {answer.next}" if answer.next else "Nothing is left to do."])


def _clocks(store: StoreLook | StoreResult, now: datetime) -> tuple[str, str]:
    return span(store.access_expires_at, now), span(store.login_expires_at, now)


TOKEN_CHECK = Operation(
    name="token_check",
    title="Check the logins",
    summary="State of every login of the fleet on two clocks (access token, login), who uses it, and what "
    "endangers it: copies, links, git, modes, keys that shadow it. Reads files only.",
    effect=Effect.READ,
    params=CheckParams,
    run=_check,
    text=_check_text,
    ok=lambda answer: answer.next is None,
)

TOKEN_REFRESH = Operation(
    name="token_refresh",
    title="Refresh the logins",
    summary="Lets Claude Code renew the access tokens that are due, once per host however many ask, and tells from "
    "the stores what came of it. A copied login is refused; a dead one needs a human's /login.",
    effect=Effect.WRITE,
    params=RefreshParams,
    run=_refresh,
    text=_refresh_text,
    ok=lambda answer: answer.outcome in ("refreshed", "not_needed"),
    open_world=True,
)
