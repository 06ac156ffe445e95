"""What a refresh did to each store. Pure."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import Final, Literal

from mcp_server.logins.claude_login import State
from mcp_server.logins.store import Store
from mcp_server.logins.trouble import login_step

Outcome = Literal["refreshed", "not_needed", "in_progress", "needs_login", "refused", "failed"]
WORST_FIRST: Final[tuple[Outcome, ...]] = (
    "failed",
    "needs_login",
    "refused",
    "in_progress",
    "refreshed",
    "not_needed",
)
DEAD: Final[tuple[State, ...]] = ("blanked", "absent", "login_expired", "unreadable")
"States in which no renewal can help."

_RUN_AGAIN: Final = "Run ops token refresh again in a minute"
_REASONS: Final[dict[State, str]] = {
    "blanked": "the server refused the login and Claude Code emptied it",
    "absent": "nobody is logged in here",
    "login_expired": "the login is past its end",
}


@dataclass(frozen=True)
class StoreResult:
    """One store, as read after the refresh; `message` says why the outcome is what it is."""

    path: Path
    outcome: Outcome
    state: State
    access_expires_at: datetime | None
    login_expires_at: datetime | None
    generation: str | None
    agents: tuple[str, ...]
    message: str
    next: str | None


def result(store: Store, outcome: Outcome, message: str, step: str | None) -> StoreResult:
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


def dead(store: Store, *, is_link: bool) -> StoreResult:
    """The result for a store in one of the `DEAD` states; `is_link`: whether its file is a symbolic link."""
    if store.state != "unreadable":
        return result(store, "needs_login", _REASONS[store.state], login_step(store))
    if is_link:
        message = f"{store.path} is a symbolic link, which a renewal would replace by a copy of the login"
        return result(store, "refused", message, f"Remove the link: rm {quote(str(store.path))}")
    return result(store, "failed", "; ".join(store.problems), login_step(store))


def refused_copy(store: Store) -> StoreResult:
    message = "the same login is in another store: renewing it here would log out whoever uses the other"
    return result(store, "refused", message, "Keep one of the copies, see the plan: ops token consolidate")


def in_progress(store: Store, message: str) -> StoreResult:
    return result(store, "in_progress", message, _RUN_AGAIN)


def still_good(store: Store) -> StoreResult:
    return _alive(store, "not_needed", "the access token is still good")


def renewed(before: Store, after: Store) -> StoreResult:
    """The result for a store whose access token is good after a run of Claude Code."""
    if (after.generation, after.access_expires_at) != (before.generation, before.access_expires_at):
        return _alive(after, "refreshed", "Claude Code renewed it")
    if after.state == "busy":
        return in_progress(after, "a client is renewing it right now")
    return still_good(after)


def _alive(store: Store, outcome: Outcome, message: str) -> StoreResult:
    return result(store, outcome, message, login_step(store) if store.state == "login_ending" else None)
