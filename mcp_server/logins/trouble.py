"""What the states of the logins and their hazards mean for people: what is wrong, and the next step. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from shlex import quote
from typing import Final, Literal

from mcp_server.kernel.finding import Concern, Finding, Hazard, Severity
from mcp_server.logins.agent_login import AgentLogin
from mcp_server.logins.claude_login import State
from mcp_server.logins.store import Store, is_abandoned

_BEFORE_A_LOGIN = ("renewal_unsavable", "copied_login", "symlinked_store")
_CRITICAL = {"renewal_unsavable", "copied_login", "setup_token_missing", "shadowed_login", "store_in_git"}
_STATES: dict[State, tuple[str, Severity, str]] = {
    "login_ending": ("login_ending", "warning", "ends soon"),
    "login_expired": ("login_expired", "critical", "has ended"),
    "blanked": ("blanked", "critical", "was emptied by a refused renewal"),
    "absent": ("login_absent", "critical", "is not there"),
    "unreadable": ("login_unreadable", "warning", "cannot be read"),
}


KEYCHAIN: Final = (
    "on macOS Claude Code keeps its login in the keychain, which ops does not read, and renews it by itself"
)
SEE_KEYCHAIN: Final = "A human sees the login in a session: claude, then /status"


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong with the logins; `key` identifies this problem for as long as it persists."""

    key: str
    message: str
    next: str


def troubles(stores: Sequence[Store], hazards: Sequence[Hazard]) -> tuple[Trouble, ...]:
    """Everything that needs a person, in the order to fix it: copies before a login, a login before the rest."""
    of_hazards = [(h.code, Trouble(f"{h.code} {','.join(h.agents)}", h.message, h.next)) for h in hazards]
    first = [trouble for code, trouble in of_hazards if code in _BEFORE_A_LOGIN]
    logins = [
        Trouble(f"{store.state} {store.path}", _message(store), login_step(store))
        for store in stores
        if store.state in _STATES and store.agents and not is_abandoned(store, hazards)
    ]
    return (*first, *logins, *(trouble for code, trouble in of_hazards if code not in _BEFORE_A_LOGIN))


def concerns(stores: Sequence[Store], hazards: Sequence[Hazard], now: datetime) -> Iterator[Concern]:
    """A finding for each login that is no longer refreshed, each access token that is due, and each hazard."""
    for store in stores:
        if store.state in _STATES and store.agents and not is_abandoned(store, hazards):
            code, severity, _ = _STATES[store.state]
            unread = store.state == "unreadable"
            yield Concern(store.agents, Finding(code, severity, _message(store), "ops token check", unknown=unread))
        if store.is_due(now):
            message = f"the access token in {store.path} has run out"
            yield Concern(store.agents, Finding("access_lapsed", "warning", message, "ops token refresh"))
    if kept := tuple(name for store in stores if store.state == "in_keychain" for name in store.agents):
        yield Concern(kept, Finding("login_in_keychain", "notice", KEYCHAIN, SEE_KEYCHAIN))
    for hazard in hazards:
        severity = "critical" if hazard.code in _CRITICAL else "warning"
        unread = hazard.code == "unreadable_source"
        yield Concern(hazard.agents, Finding(hazard.code, severity, hazard.message, hazard.next, unknown=unread))


def in_keychain(stores: Sequence[Store]) -> tuple[str, ...]:
    """What is to be said, once, of logins that macOS keeps."""
    return (f"{KEYCHAIN}. {SEE_KEYCHAIN}",) if any(store.state == "in_keychain" for store in stores) else ()


def login_step(store: Store) -> str:
    """The next step for a store whose login is no longer refreshed."""
    if store.state == "unreadable":
        return f"Look at it: ls -la {quote(str(store.path))}"
    until = store.login_expires_at if store.state == "login_ending" and store.client == "claude" else None
    when = f" before {until:%Y-%m-%d %H:%M} UTC" if until else ""
    return f"A human logs in{when}: {store.login_command}"


def state_for(login: AgentLogin, stores: Sequence[Store]) -> State | Literal["long_lived"] | None:
    """The state of an agent's login, the worst if it has several; None if none was found."""
    if login.kind == "long_lived":
        return "long_lived"
    states: list[State] = [store.state for store in stores if login.agent in store.agents]
    return min(states, key=lambda state: state not in _STATES, default=None)


def _message(store: Store) -> str:
    until = store.login_expires_at
    when = f": {until:%Y-%m-%d %H:%M} UTC" if until and store.state == "login_ending" else ""
    return "; ".join(store.problems) or f"the login in {store.path} {_STATES[store.state][2]}{when}"
