"""What the states of the logins and their hazards mean for the agents that use them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from shlex import quote

from mcp_server.domain.finding import Concern, Finding, Hazard, Severity
from mcp_server.domain.login import State
from mcp_server.domain.other_login import OTHERS
from mcp_server.observe.stores import StoreLook
from mcp_server.ports import World

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
        if store.state in _STATES and (store.agents or store.state != "absent"):
            code, severity, words = _STATES[store.state]
            message = "; ".join(store.problems) or f"the login in {store.path} {words}{_until(store)}"
            yield Concern(store.agents, Finding(code, severity, message, "ops token check"))
        if store.is_due(now):
            message = f"the access token in {store.path} has run out"
            yield Concern(store.agents, Finding("access_lapsed", "warning", message, "ops token refresh"))
    for hazard in hazards:
        severity = "critical" if hazard.code in _CRITICAL else "warning"
        yield Concern(hazard.agents, Finding(hazard.code, severity, hazard.message, hazard.next))


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


def login_of(name: str, stores: Sequence[StoreLook]) -> State | None:
    """The state of the agent's login, the worst where it has several; None where none was seen."""
    states: list[State] = [store.state for store in stores if name in store.agents]
    return min(states, key=lambda state: state not in _STATES, default=None)


def _until(store: StoreLook) -> str:
    until = store.login_expires_at
    return f": {until:%Y-%m-%d %H:%M} UTC" if until and store.state == "login_ending" else ""
