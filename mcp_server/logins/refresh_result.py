"""What a refresh did to each store. Pure."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import Final, Literal

from mcp_server.clients.renewal_run import Run
from mcp_server.kernel.errors import OpsError
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
_RUN_LATER: Final = "Run ops token refresh again in a few minutes"
_WAIT: Final = "Run ops token refresh again in half an hour, and less often"
_SEE_NETWORK: Final = "See that https://platform.claude.com is reached from here, then: ops token refresh"
_SEE_CLAUDE: Final = (
    "A human runs claude --version; if claude is a wrapper, set OPS_CLAUDE to the full path of the program behind it"
)
_TOO_MANY: Final = 429
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


def still_good(store: Store, unsavable: OpsError | None = None) -> StoreResult:
    """`unsavable`: why the next renewal could not be saved, which is a failure before it is due as well."""
    if unsavable:
        return result(store, "failed", unsavable.message, unsavable.next)
    return _alive(store, "not_needed", "the access token is still good")


def renewed(before: Store, after: Store) -> StoreResult:
    """The result for a store whose access token is good after a run of Claude Code."""
    if (after.generation, after.access_expires_at) != (before.generation, before.access_expires_at):
        return _alive(after, "refreshed", "Claude Code renewed it")
    if after.state == "busy":
        return in_progress(after, "a client is renewing it right now")
    return still_good(after)


def unchanged(store: Store, run: Run | None) -> StoreResult:
    """The result for a store that is as before, after this run of Claude Code or one that another caller started."""
    if run is None or run.exit is None:
        when = "the run of another caller" if run is None else "Claude Code did not end in time"
        return result(store, "failed", f"{when}: no new token was saved", _RUN_LATER)
    if run.exit:
        said = f": {run.said}" if run.said else ", and said nothing"
        return result(store, "failed", f"claude ended with exit code {run.exit}{said}", _SEE_CLAUDE)
    if run.status == _TOO_MANY:
        return result(store, "failed", "the token server answered 429, too many requests: nothing is lost", _WAIT)
    if run.status:
        fault = "a fault of its own" if run.status >= 500 else "which is no refusal of the login"
        return result(
            store, "failed", f"the token server answered {run.status}, {fault}: nothing is lost", _RUN_LATER
        )
    if run.refused:
        return result(store, "failed", f"the token server was not reached: {run.refused}", _SEE_NETWORK)
    said = f"; it said: {run.said}" if run.said else ""
    message = f"claude ended with exit code 0, and no new token was saved{said}"
    return result(store, "failed", message, _RUN_LATER)


def _alive(store: Store, outcome: Outcome, message: str) -> StoreResult:
    return result(store, outcome, message, login_step(store) if store.state == "login_ending" else None)
