"""Short texts for a person: the time until an expiry, which agents, how many of something."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


def time_until(until: datetime | None, now: datetime) -> str:
    """`in 5 h 40 min`, `in 25 d`, `2 h 3 min ago`; `unknown` if `until` is None."""
    if until is None:
        return "unknown"
    minutes = int(abs((until - now).total_seconds()) // 60)
    if minutes >= 48 * 60:
        length = f"{minutes // (24 * 60)} d"
    elif minutes >= 60:
        length = f"{minutes // 60} h {minutes % 60} min"
    else:
        length = f"{minutes} min"
    return f"in {length}" if until > now else f"{length} ago"


class Expiring(Protocol):
    """A login with its two expiries."""

    @property
    def access_expires_at(self) -> datetime | None: ...
    @property
    def login_expires_at(self) -> datetime | None: ...


def expiries(login: Expiring, now: datetime) -> tuple[str, str]:
    """The time until the access token expires, and until the login does."""
    return time_until(login.access_expires_at, now), time_until(login.login_expires_at, now)


def agent_names(agents: Sequence[str]) -> str:
    """Up to four names, or the number of them: `opus-1, opus-2`, `22 agents`, `no agent`."""
    if not agents:
        return "no agent"
    return ", ".join(agents) if len(agents) <= 4 else f"{len(agents)} agents"


def plural(count: int, what: str) -> str:
    """`1 change`, `3 changes`."""
    return f"1 {what}" if count == 1 else f"{count} {what}s"
