"""One Claude login as its credential store holds it, and the two clocks that it lives by.

The access token lives for hours and Claude Code renews it by itself; the login lives for weeks, renewing does not
prolong it, and only a human's `/login` starts a new one. The store is JSON, times are milliseconds since 1970:
`{"claudeAiOauth": {"accessToken", "refreshToken", "expiresAt", "refreshTokenExpiresAt"?, ...}, ...}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, cast

from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_text import dump, json_object, layout_of, parse_object
from mcp_server.kernel.secret import Secret

ENDING: Final = timedelta(days=3)
"A login with less left than this is worth a human's `/login`."
MARGIN: Final = timedelta(minutes=5)
"Claude Code renews an access token that has this much left or less (2.1.328)."
State = Literal[
    "healthy", "access_lapsed", "login_ending", "login_expired", "blanked", "absent", "unreadable", "busy"
]


@dataclass(frozen=True)
class Login:
    """What stands in a store. `blanked` is what a refused refresh leaves: both tokens emptied in place."""

    access: Secret
    refresh: Secret
    access_expires_at: datetime | None
    login_expires_at: datetime | None
    "None where the store does not say; a login without a refresh token ends with its access token."

    @property
    def blanked(self) -> bool:
        return not self.access and not self.refresh

    @property
    def generation(self) -> str | None:
        """Which refresh token this is, as a fingerprint; None without one."""
        return self.refresh.fingerprint() if self.refresh else None


def parse(data: bytes) -> Login | None:
    """The login in a store's bytes; None where the store is sound and holds none. `invalid` says what is wrong."""
    login = json_object(data).get("claudeAiOauth")
    if login is None:
        return None
    if not isinstance(login, dict):
        raise _invalid("claudeAiOauth is not an object")
    login = cast("Mapping[str, object]", login)
    access, refresh = _token(login, "accessToken"), _token(login, "refreshToken")
    if not access and not refresh:
        return Login(access, refresh, None, None)
    until = _time(login, "expiresAt")
    if until is None:
        raise _invalid("claudeAiOauth has no expiresAt")
    return Login(access, refresh, until, _time(login, "refreshTokenExpiresAt") if refresh else until)


def with_expiry(data: bytes, until: datetime) -> bytes:
    """A store's bytes, laid out as they were, with another end of the access token; `parse` has accepted them."""
    text = data.decode("utf-8-sig")
    document = parse_object(text, "the store")
    cast("dict[str, Json]", document["claudeAiOauth"])["expiresAt"] = round(until.timestamp() * 1000)
    return dump(document, layout_of(text)).encode()


def state_of(login: Login, now: datetime, *, refreshing: bool) -> State:
    """The state of a login; `refreshing` tells that a client holds the store's refresh lock."""
    if login.blanked:
        return "blanked"
    if login.login_expires_at is not None and login.login_expires_at <= now:
        return "login_expired"
    if login.login_expires_at is not None and login.login_expires_at - now < ENDING:
        return "login_ending"
    if refreshing:
        return "busy"
    return "access_lapsed" if is_due(login.access_expires_at, now) else "healthy"


def is_due(access_expires_at: datetime | None, now: datetime) -> bool:
    """Whether Claude Code would renew an access token that lives until then."""
    return access_expires_at is not None and access_expires_at - now <= MARGIN


def _token(login: Mapping[str, object], name: str) -> Secret:
    value = login.get(name)
    if value is None:
        return Secret("")
    if not isinstance(value, str):
        raise _invalid(f"claudeAiOauth.{name} is not text")
    return Secret(value)


def _time(login: Mapping[str, object], name: str) -> datetime | None:
    value = login.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _invalid(f"claudeAiOauth.{name} is not a number of milliseconds")
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise _invalid(f"claudeAiOauth.{name} is no time that exists") from None


def _invalid(message: str) -> OpsError:
    return OpsError("invalid", message, "A human logs in anew: claude, then /login")
