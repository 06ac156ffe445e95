"""What the states of the logins and their hazards mean for the agents that use them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from shlex import quote

from mcp_server.kernel.finding import Concern, Finding, Hazard, Severity
from mcp_server.logins.claude_login import State
from mcp_server.logins.look_stores import StoreLook
from mcp_server.logins.other_login import OTHERS
from mcp_server.operation.world import World

_BEFORE_A_LOGIN = ("copied_login", "symlinked_store")
_CRITICAL = {"copied_login", "shadowed_login", "store_in_git"}
_STATES: dict[State, tuple[str, Severity, str]] = {
    "login_ending": ("login_ending", "warning", "ends soon"),
    "login_expired": ("login_expired", "critical", "has ended"),
    "blanked": ("blanked", "critical", "was emptied by a refused renewal"),
    "absent": ("login_absent", "critical", "is not there"),
    "unreadable": ("login_unreadable", "warning", "cannot be read"),
}


def login_concerns(stores: Sequence[StoreLook], hazards: Sequence[Hazard], now: datetime) -> Iterator[Concern]:
    """Every store that does not renew itself any more, every access token that is due, every hazard."""
    for store in stores:
        if store.state in _STATES and (store.agents or store.state != "absent") and not left_behind(store, hazards):
            code, severity, _ = _STATES[store.state]
            yield Concern(store.agents, Finding(code, severity, _told(store), "ops token check"))
        if store.is_due(now):
            message = f"the access token in {store.path} has run out"
            yield Concern(store.agents, Finding("access_lapsed", "warning", message, "ops token refresh"))
    for hazard in hazards:
        severity = "critical" if hazard.code in _CRITICAL else "warning"
        yield Concern(hazard.agents, Finding(hazard.code, severity, hazard.message, hazard.next))


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong with the logins; its `key` stays the same for as long as it is."""

    key: str
    message: str
    next: str


def troubles(world: World, stores: Sequence[StoreLook], hazards: Sequence[Hazard]) -> tuple[Trouble, ...]:
    """All that somebody has to see to, in the order in which: copies before a login, a login before the rest."""
    of_hazards = [(h.code, Trouble(f"{h.code} {','.join(h.agents)}", h.message, h.next)) for h in hazards]
    first = [trouble for code, trouble in of_hazards if code in _BEFORE_A_LOGIN]
    logins = [
        Trouble(f"{store.state} {store.path}", _told(store), login_step(world, store))
        for store in stores
        if store.state in _STATES
        and not (store.state == "absent" and store.client == "claude" and not store.agents)
        and not left_behind(store, hazards)
    ]
    return (*first, *logins, *(trouble for code, trouble in of_hazards if code not in _BEFORE_A_LOGIN))


def left_behind(store: StoreLook, hazards: Iterable[Hazard]) -> bool:
    """Whether it is empty, and used only by sessions that have to start anew on another: nobody logs in there."""
    anew = {name for hazard in hazards if hazard.code == "restart_needed" for name in hazard.agents}
    return store.state == "absent" and bool(store.agents) and anew.issuperset(store.agents)


def login_step(world: World, store: StoreLook) -> str:
    """The one next step for a store whose login does not renew itself."""
    if store.state == "unreadable":
        return f"Look at it: ls -la {quote(str(store.path))}"
    if store.client != "claude":
        other = next(other for other in OTHERS if other.client == store.client)
        named = store.folder.parent if other.inside else store.folder
        return f"A human logs in: {other.variable}={quote(str(named))} {other.login}"
    until = store.login_expires_at if store.state == "login_ending" else None
    when = f" before {until:%Y-%m-%d %H:%M} UTC" if until else ""
    usual = store.folder == world.files.real(world.home / ".claude")
    place = "" if usual else f"CLAUDE_SECURESTORAGE_CONFIG_DIR={quote(str(store.folder))} "
    return f"A human logs in{when}: {place}claude, then /login"


def login_of(name: str, stores: Sequence[StoreLook]) -> State | None:
    """The state of the agent's login, the worst where it has several; None where none was seen."""
    states: list[State] = [store.state for store in stores if name in store.agents]
    return min(states, key=lambda state: state not in _STATES, default=None)


def _told(store: StoreLook) -> str:
    words = _STATES[store.state][2]
    return "; ".join(store.problems) or f"the login in {store.path} {words}{_until(store)}"


def _until(store: StoreLook) -> str:
    until = store.login_expires_at
    return f": {until:%Y-%m-%d %H:%M} UTC" if until and store.state == "login_ending" else ""
