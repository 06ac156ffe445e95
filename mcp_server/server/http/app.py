"""The web application around a server: access, rate limits and host names; the SDK does the rest."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mcp.server.auth.middleware.bearer_auth import AuthorizationContext, RequireAuthMiddleware
from mcp.server.auth.routes import build_resource_metadata_url, create_protected_resource_routes
from mcp.server.lowlevel import Server
from mcp.server.streamable_http import StreamableHTTPServerTransport
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from mcp_server.server.http.callers import Callers
from mcp_server.server.http.gate import Gate, Rates
from mcp_server.server.http.tokens import SCOPES
from mcp_server.server.introduction import TITLE
from mcp_server.server.invalid_request import refusal
from mcp_server.server.metrics import Metrics
from mcp_server.server.transport import message_in

PATH = "/mcp"
_MOST_SESSIONS = 1000
_MOST_OF_ONE = 100
"Sessions of one caller: of a token, or of everybody on this host before the first token."
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Site:
    """`url` is the address that clients use; `hosts` are further names, without a port, that a request may be for.

    A request for any other name is refused: it may come from a browser page after DNS rebinding.
    """

    url: str
    hosts: tuple[str, ...] = ()

    def security(self) -> TransportSecuritySettings:
        named = urlsplit(self.url).hostname or ""
        hosts = {*_LOOPBACK, *(f"[{host}]" if ":" in host else host for host in (named, *self.hosts))}
        allowed = [name for host in sorted(hosts) for name in (host, f"{host}:*")]
        origins = [f"{scheme}://{name}" for scheme in ("http", "https") for name in allowed]
        return TransportSecuritySettings(allowed_hosts=allowed, allowed_origins=origins)


class Sessions(StreamableHTTPSessionManager):
    """The SDK's sessions, with a limit for each caller besides the one for all."""

    most_of_one = _MOST_OF_ONE

    def _admit_session(self, requestor: AuthorizationContext | None) -> StreamableHTTPServerTransport | None:
        own = sum(owner == requestor for owner in self._session_owners.values())
        return None if own >= self.most_of_one else super()._admit_session(requestor)

    async def _handle_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Like the SDK's, which answers what is no message without the id of its request."""
        if scope["method"] != "POST":
            await super()._handle_request(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        if message_in(body) is None:
            await JSONResponse(refusal(body), 400)(scope, receive, send)
            return
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def read() -> Message:
            return unread.pop() if unread else await receive()

        await super()._handle_request(scope, read, send)


def application(
    server: Server[Any], site: Site, callers: Callers, metrics: Metrics, rates: Rates | None = None
) -> Starlette:
    """The web application: `/mcp`, and the metadata that shows a client how to authenticate (RFC 9728)."""
    sessions = Sessions(server, security_settings=site.security(), max_sessions=_MOST_SESSIONS)
    resource = AnyHttpUrl(site.url + PATH)
    guarded = RequireAuthMiddleware(StreamableHTTPASGIApp(sessions), ["read"], build_resource_metadata_url(resource))
    # Tokens are made by hand on this host: it is its own issuer, without an endpoint that grants them.
    metadata = create_protected_resource_routes(resource, [AnyHttpUrl(site.url)], list(SCOPES), TITLE)

    def lifespan(_: Starlette) -> AbstractAsyncContextManager[None]:
        return sessions.run()

    return Starlette(
        routes=[Route(PATH, guarded), *metadata],
        middleware=[
            Middleware(AuthenticationMiddleware, backend=callers),
            Middleware(Gate, metrics=metrics, rates=rates or Rates()),
        ],
        lifespan=lifespan,
    )
