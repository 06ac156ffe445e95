"""Authenticates HTTP callers: by bearer token, or on loopback, before any token was made, as an anonymous reader."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, BearerAuthBackend
from mcp.server.auth.provider import AccessToken, TokenVerifier
from starlette.authentication import AuthCredentials
from starlette.requests import HTTPConnection

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.secret import Secret
from mcp_server.server.http.look_tokens import http_tokens
from mcp_server.server.http.tokens import HttpToken, matching
from mcp_server.system.files import Files

ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class StoredTokens(TokenVerifier):
    """Reads the file at each request, so that a revoked token fails at its next one."""

    files: Files
    state: Path

    async def verify_token(self, token: str) -> AccessToken | None:
        found = matching(self.read() or (), Secret(token), datetime.now(UTC))
        return _access(found.name, *found.scopes) if found else None

    def read(self) -> tuple[HttpToken, ...] | None:
        """None if the file cannot be read: then every caller is refused."""
        try:
            return http_tokens(self.files, self.state)
        except OpsError:
            return None


class Callers(BearerAuthBackend):
    """`open_to_readers` lets anonymous readers in; it is for a server that only this host can reach."""

    def __init__(self, tokens: StoredTokens, *, open_to_readers: bool) -> None:
        super().__init__(tokens)
        self.tokens = tokens
        self.open_to_readers = open_to_readers

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, AuthenticatedUser] | None:
        if self.open_to_readers and "authorization" not in conn.headers and self.tokens.read() == ():
            return AuthCredentials(["read"]), AuthenticatedUser(_access(ANONYMOUS, "read"))
        return await super().authenticate(conn)


def _access(name: str, *scopes: str) -> AccessToken:
    """The caller for the SDK; the token itself is not passed on."""
    return AccessToken(token="", client_id=name, scopes=list(scopes))
