"""The logins of Codex and the Gemini CLI, parsed from their stores. Both clients renew their own; ops only reads."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from mcp_server.clients import claude, codex, gemini
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Client
from mcp_server.kernel.json_text import json_object
from mcp_server.kernel.secret import Secret
from mcp_server.logins.claude_login import Login


@dataclass(frozen=True)
class ClientStore:
    """Where a client keeps its login: `file` in the folder that `variable` names, or else in `folder` of the home."""

    client: Client
    variable: str
    folder: str
    file: str
    in_home: bool
    "Whether `variable` names a home, with the folder in it."
    rotates: bool
    "Whether a refresh token works once, so that each renewal logs out all copies."
    parse: Callable[[bytes], Login | None]
    login_command: str

    def path(self, named: str | None, home: str) -> str:
        """The folder of the store; `named` is the value of the client's variable, if it is set."""
        return named if named and not self.in_home else f"{named or home}/{self.folder}"

    def named_by(self, folder: Path) -> Path:
        """What the client's variable has to be for its store to be in `folder`."""
        return folder.parent if self.in_home else folder


def parse_codex(data: bytes) -> Login | None:
    """The login in Codex's store; None if it holds none. Raises `invalid`."""
    document = json_object(data)
    tokens = document.get(codex.TOKENS)
    if tokens is None:
        key = _token(document, codex.API_KEY)
        return Login(key, Secret(""), None, None) if key else None
    if not isinstance(tokens, dict):
        raise _invalid(f"{codex.TOKENS} is not an object")
    members = cast("Mapping[str, object]", tokens)
    access, refresh = _token(members, codex.ACCESS_TOKEN), _token(members, codex.REFRESH_TOKEN)
    account = members.get(codex.ACCOUNT_ID)
    return replace(_login(access, refresh, _expiry_of(access)), account=account if isinstance(account, str) else None)


def parse_gemini(data: bytes) -> Login | None:
    """The login in Gemini's store; None if it holds none. Raises `invalid`."""
    document = json_object(data)
    if not {gemini.ACCESS_TOKEN, gemini.REFRESH_TOKEN} & document.keys():
        return None
    access, refresh = _token(document, gemini.ACCESS_TOKEN), _token(document, gemini.REFRESH_TOKEN)
    return _login(access, refresh, _time(document.get(gemini.ACCESS_EXPIRES), 1000))


CODEX: Final = ClientStore(
    "codex",
    codex.HOME_VARIABLE,
    codex.CONFIG_FOLDER,
    codex.STORE_FILE,
    in_home=False,
    rotates=True,
    parse=parse_codex,
    login_command=codex.LOGIN_COMMAND,
)
GEMINI: Final = ClientStore(
    "gemini",
    gemini.HOME_VARIABLE,
    gemini.CONFIG_FOLDER,
    gemini.STORE_FILE,
    in_home=True,
    rotates=False,
    parse=parse_gemini,
    login_command=gemini.LOGIN_COMMAND,
)
CODEX_AND_GEMINI: Final = (CODEX, GEMINI)
STORE_VARIABLES: Final = (*claude.STORE_VARIABLES, *(each.variable for each in CODEX_AND_GEMINI))
"All variables that lead a client to its store."


def _login(access: Secret, refresh: Secret, until: datetime | None) -> Login:
    return Login(access, refresh, until, None if refresh else until)


def _expiry_of(token: Secret) -> datetime | None:
    """When a JSON web token expires, None if it does not say. Its signature is not checked."""
    _, _, rest = token.reveal().partition(".")
    payload = rest.partition(".")[0]
    try:
        claims: object = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        return None
    return _time(cast("Mapping[str, object]", claims).get("exp"), 1) if isinstance(claims, dict) else None


def _time(value: object, per_second: int) -> datetime | None:
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
    return OpsError("invalid", message, "A human logs in again with the client that wrote it")
