"""Rate limits for each caller, per second and at once, and a log line for each request."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mcp_server.server.metrics import Metrics


@dataclass(frozen=True)
class Rates:
    """The limits of one caller: the holder of a token, or an address without one."""

    a_second: float = 50
    burst: float = 200
    at_once: int = 64
    callers: int = 1000
    "How many callers are remembered; the ones quiet for longest are forgotten first."


@dataclass
class _Share:
    left: float
    at: float = field(default_factory=time.monotonic)
    running: int = 0


class Gate:
    def __init__(self, app: ASGIApp, metrics: Metrics, rates: Rates) -> None:
        self.app, self.metrics, self.rates = app, metrics, rates
        self.shares: dict[str, _Share] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        user, client = scope.get("user"), scope.get("client")
        agent = user.access_token.client_id if isinstance(user, AuthenticatedUser) else None
        address = client[0] if client else "unknown"
        with self.metrics.request(agent, address, scope["method"], scope["path"]) as report_status:

            async def send_and_report(message: Message) -> None:
                if message["type"] == "http.response.start":
                    report_status(message["status"])
                await send(message)

            with self._share_of(agent or f"({address})") as is_granted:
                refusal = PlainTextResponse("Too many requests", 429, {"Retry-After": "1"})
                await (self.app if is_granted else refusal)(scope, receive, send_and_report)

    @contextmanager
    def _share_of(self, caller: str) -> Generator[bool]:
        if len(self.shares) >= self.rates.callers:
            self._forget()
        share = self.shares.setdefault(caller, _Share(self.rates.burst))
        now = time.monotonic()
        share.left = min(self.rates.burst, share.left + (now - share.at) * self.rates.a_second)
        share.at = now
        if share.left < 1 or share.running >= self.rates.at_once:
            yield False
            return
        share.left -= 1
        share.running += 1
        try:
            yield True
        finally:
            share.running -= 1

    def _forget(self) -> None:
        quiet = sorted((share.at, caller) for caller, share in self.shares.items() if not share.running)
        for _, caller in quiet[: len(quiet) // 2 + 1]:
            del self.shares[caller]
