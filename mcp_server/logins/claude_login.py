"""One Claude login as its credential store holds it, with its two expiry times. Pure.

The access token lasts for hours, and Claude Code renews it. The login lasts for weeks: a renewal does not prolong it,
and only a human's `/login` starts a new one. `clients/claude.py` has the format of the store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, cast

from mcp_server.clients import claude
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_layout import dump, layout_of
from mcp_server.kernel.json_text import json_object, parse_object
from mcp_server.kernel.secret import Secret

ENDING: Final = timedelta(days=3)
"A login with less time left than this is reported, so that a human runs `/login` in time."
State = Literal[
    "healthy",
    "access_lapsed",
    "login_ending",
    "login_expired",
    "blanked",
    "absent",
    "unreadable",
    "busy",
    "in_keychain",
]


@dataclass(frozen=True)
class Login:
    """What a store holds. After a refused refresh it is `blanked`: both tokens are there and empty."""

    access: Secret
    refresh: Secret
    access_expires_at: datetime | None
    login_expires_at: datetime | None
    "None if the store does not say. A login without a refresh token ends with its access token."
    account: str | None = None
    "Whose login it is, where the store says so."

    @property
    def blanked(self) -> bool:
        return not self.access and not self.refresh

    @property
    def generation(self) -> str | None:
        """Which refresh token this is, as a fingerprint; None without one."""
        return self.refresh.fingerprint() if self.refresh else None


def parse(data: bytes) -> Login | None:
    """The login in a store's bytes; None if the store is valid and holds none. Raises `invalid`."""
    login = json_object(data).get(claude.LOGIN)
    if login is None:
        return None
    if not isinstance(login, dict):
        raise _invalid(f"{claude.LOGIN} is not an object")
    login = cast("Mapping[str, object]", login)
    access, refresh = _token(login, claude.ACCESS_TOKEN), _token(login, claude.REFRESH_TOKEN)
    if not access and not refresh:
        return Login(access, refresh, None, None)
    until = _time(login, claude.ACCESS_EXPIRES)
    if until is None:
        raise _invalid(f"{claude.LOGIN} has no {claude.ACCESS_EXPIRES}")
    return Login(access, refresh, until, _time(login, claude.LOGIN_EXPIRES) if refresh else until)


def with_expiry(data: bytes, until: datetime) -> bytes:
    """A store's bytes, in the same layout, with another expiry of the access token. `parse` has accepted them."""
    text = data.decode("utf-8-sig")
    document = parse_object(text, "the store")
    cast("dict[str, Json]", document[claude.LOGIN])[claude.ACCESS_EXPIRES] = round(until.timestamp() * 1000)
    return dump(document, layout_of(text)).encode()


def state_of(login: Login, now: datetime, *, refreshing: bool) -> State:
    """The state of a login; `refreshing`: whether a client holds the store's refresh lock."""
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
    """Whether Claude Code would renew an access token that expires at that time."""
    return access_expires_at is not None and access_expires_at - now <= claude.RENEWED_BEFORE


def _token(login: Mapping[str, object], name: str) -> Secret:
    value = login.get(name)
    if value is None:
        return Secret("")
    if not isinstance(value, str):
        raise _invalid(f"{claude.LOGIN}.{name} is not text")
    return Secret(value)


def _time(login: Mapping[str, object], name: str) -> datetime | None:
    value = login.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _invalid(f"{claude.LOGIN}.{name} is not a number of milliseconds")
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise _invalid(f"{claude.LOGIN}.{name} is not a valid time") from None


def _invalid(message: str) -> OpsError:
    return OpsError("invalid", message, "A human logs in again: claude, then /login")
