"""The logins of Codex and of the Gemini CLI, as their own stores hold them. Their clients renew them; ops only looks.

Codex, `$CODEX_HOME/auth.json`: `{"OPENAI_API_KEY", "tokens": {"id_token", "access_token", "refresh_token"}, ...}`;
the access token is a JSON web token and carries its own end. A key in place of tokens is one of its two ways to log
in. Gemini, `~/.gemini/oauth_creds.json`: `{"access_token", "refresh_token", "expiry_date", ...}`, the last in
milliseconds since 1970.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, cast

from mcp_server.clients.claude import STORE_VARIABLES
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_text import json_object
from mcp_server.kernel.secret import Secret
from mcp_server.logins.claude_login import Login


@dataclass(frozen=True)
class OtherClient:
    """Where a client keeps its login: `file` in the folder that `variable` names, or else in `folder` of the home."""

    client: str
    variable: str
    folder: str
    file: str
    inside: bool
    "Whether `variable` names a home, and the folder lies in it."
    rotates: bool
    "Whether a refresh token works once, so that copies of the login end each other."
    parse: Callable[[bytes], Login | None]
    login: str
    "How a human logs in."

    def store(self, named: str | None, home: str) -> str:
        """The folder of the store; `named` is what the client's variable says, where it is set."""
        return named if named and not self.inside else f"{named or home}/{self.folder}"


def parse_codex(data: bytes) -> Login | None:
    """The login in Codex's store; None where it holds none. `invalid` says what is wrong."""
    document = json_object(data)
    tokens = document.get("tokens")
    if tokens is None:
        key = _token(document, "OPENAI_API_KEY")
        return Login(key, Secret(""), None, None) if key else None
    if not isinstance(tokens, dict):
        raise _invalid("tokens is not an object")
    members = cast("Mapping[str, object]", tokens)
    access, refresh = _token(members, "access_token"), _token(members, "refresh_token")
    return _login(access, refresh, _end_of(access))


def parse_gemini(data: bytes) -> Login | None:
    """The login in Gemini's store; None where it holds none. `invalid` says what is wrong."""
    document = json_object(data)
    if not {"access_token", "refresh_token"} & document.keys():
        return None
    access, refresh = _token(document, "access_token"), _token(document, "refresh_token")
    return _login(access, refresh, _moment(document.get("expiry_date"), 1000))


OTHERS: Final = (
    OtherClient("codex", "CODEX_HOME", ".codex", "auth.json", False, True, parse_codex, "codex login"),
    OtherClient("gemini", "GEMINI_CLI_HOME", ".gemini", "oauth_creds.json", True, False, parse_gemini, "gemini"),
)
FOLDERS: Final = (*STORE_VARIABLES, *(other.variable for other in OTHERS))
"The variables that lead clients to their stores."


def _login(access: Secret, refresh: Secret, until: datetime | None) -> Login:
    return Login(access, refresh, until, None if refresh else until)


def _end_of(token: Secret) -> datetime | None:
    """When a JSON web token ends, None where it does not say: it is only looked into, never trusted."""
    _, _, rest = token.reveal().partition(".")
    payload = rest.partition(".")[0]
    try:
        claims: object = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        return None
    return _moment(cast("Mapping[str, object]", claims).get("exp"), 1) if isinstance(claims, dict) else None


def _moment(value: object, per_second: int) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _token(members: Mapping[str, object], name: str) -> Secret:
    value = members.get(name)
    if not isinstance(value, str | None):
        raise _invalid(f"{name} is not text")
    return Secret(value or "")


def _invalid(message: str) -> OpsError:
    return OpsError("invalid", message, "A human logs in anew with the client that keeps it")
