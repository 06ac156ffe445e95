"""A login of another service that `fleet.toml` describes: its token endpoint, and where its tokens stand in a file.

The grant and its answer: RFC 6749, sections 5 and 6. The file is a JSON object; times count from 1970.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_text import dump, layout_of, parse_object
from mcp_server.kernel.pointer import value_at, with_value
from mcp_server.kernel.secret import Secret
from mcp_server.logins.claude_login import Login


@dataclass(frozen=True)
class ConfiguredLogin:
    """`access`, `refresh` and `expires` are JSON pointers into the file `store`."""

    name: str
    endpoint: str
    client_id: str
    store: Path
    access: str
    refresh: str
    expires: str
    unit: Literal["seconds", "milliseconds"]
    scope: str | None = None

    def parse(self, data: bytes) -> Login | None:
        """The login in the store's bytes; None where it holds no token. `invalid` says what is wrong."""
        document = parse_object(_text(data), "it")
        access, refresh = (_token(document, at) for at in (self.access, self.refresh))
        if not access and not refresh:
            return None
        return Login(access, refresh, self._time(value_at(document, self.expires)), None)

    def grant(self, login: Login) -> Mapping[str, Secret]:
        """The form to post."""
        fields = {"grant_type": "refresh_token", "client_id": self.client_id}
        fields |= {"scope": self.scope} if self.scope else {}
        return {**{name: Secret(value) for name, value in fields.items()}, "refresh_token": login.refresh}

    def renewed(self, data: bytes, answer: bytes, now: datetime) -> bytes:
        """The store's bytes with the tokens of a good answer; without a new refresh token the old one stays."""
        tokens = _answered(answer)
        text = _text(data)
        document = with_value(parse_object(text, "it"), self.access, tokens["access_token"])
        if tokens.get("refresh_token"):
            document = with_value(document, self.refresh, tokens["refresh_token"])
        life = tokens.get("expires_in")
        # A server that does not say how long has its token renewed at the next call.
        left = timedelta(seconds=life if isinstance(life, int | float) and not isinstance(life, bool) else 0)
        until = (now + left).timestamp() * (1000 if self.unit == "milliseconds" else 1)
        return dump(with_value(document, self.expires, int(until)), layout_of(text)).encode()

    def _time(self, value: object) -> datetime | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise OpsError("invalid", f"there is no time at {self.expires}", "Correct its pointer in fleet.toml")
        try:
            return datetime.fromtimestamp(value / (1000 if self.unit == "milliseconds" else 1), UTC)
        except (ValueError, OverflowError, OSError):
            raise OpsError("invalid", f"{self.expires} is no time", "Correct its unit in fleet.toml") from None


def refusal(answer: bytes) -> str:
    """The error code of section 5.2 in a bad answer, or nothing: never any other text of it."""
    try:
        error = json.loads(answer).get("error")
    except (ValueError, AttributeError, RecursionError):
        return ""
    known = {"invalid_grant", "invalid_client", "invalid_request", "unauthorized_client", "invalid_scope"}
    return error if isinstance(error, str) and error in known else ""


def _answered(answer: bytes) -> dict[str, Json]:
    tokens = parse_object(_text(answer), "the answer")
    if not isinstance(tokens.get("access_token"), str) or not tokens["access_token"]:
        raise OpsError("invalid", "the answer has no access_token", "Ask who runs the token endpoint")
    return tokens


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise OpsError("invalid", "it is not UTF-8 text", "Look at the file") from None


def _token(document: dict[str, Json], at: str) -> Secret:
    value = value_at(document, at)
    return Secret(value) if isinstance(value, str) else Secret("")
