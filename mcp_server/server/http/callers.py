"""Who calls over HTTP: the holder of a bearer token, or, before any was made and on loopback alone, a reader."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, BearerAuthBackend
from mcp.server.auth.provider import AccessToken, TokenVerifier
from starlette.authentication import AuthCredentials
from starlette.requests import HTTPConnection

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.secret import Secret
from mcp_server.server.http.look_tokens import bearers
from mcp_server.server.http.tokens import Bearer, holder
from mcp_server.system.files import Files

ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class KeptTokens(TokenVerifier):
    """Reads the file at each request: a token that was revoked ends with its next one."""

    files: Files
    state: Path

    async def verify_token(self, token: str) -> AccessToken | None:
        found = holder(self.kept() or (), Secret(token), datetime.now(UTC))
        return _access(found.name, *found.scopes) if found else None

    def kept(self) -> tuple[Bearer, ...] | None:
        """None for a file that cannot be read: then nobody is let in."""
        try:
            return bearers(self.files, self.state)
        except OpsError:
            return None


class Callers(BearerAuthBackend):
    """`open_to_readers`: only where none but this host can connect."""

    def __init__(self, tokens: KeptTokens, *, open_to_readers: bool) -> None:
        super().__init__(tokens)
        self.tokens = tokens
        self.open_to_readers = open_to_readers

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, AuthenticatedUser] | None:
        if self.open_to_readers and "authorization" not in conn.headers and self.tokens.kept() == ():
            return AuthCredentials(["read"]), AuthenticatedUser(_access(ANONYMOUS, "read"))
        return await super().authenticate(conn)


def _access(name: str, *scopes: str) -> AccessToken:
    """The token itself goes no further than this module."""
    return AccessToken(token="", client_id=name, scopes=list(scopes))
