"""`python -m mcp_server.server.http SETTINGS`, started by `ops serve --http` with a listening socket.

Its environment holds what a client sends to the shared server: no login, no key.
"""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import uvicorn
from anyio import CapacityLimiter
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser

from mcp_server.activity.write_journal import SERVER, Journal
from mcp_server.operation.context import Context
from mcp_server.server.catalogue import catalogue
from mcp_server.server.http.app import Site, application
from mcp_server.server.http.callers import ANONYMOUS, Callers, StoredTokens
from mcp_server.server.http.connections import configured
from mcp_server.server.metrics import Metrics
from mcp_server.server.pump.reach import run_folder
from mcp_server.server.server_process import run_server, tune_interpreter
from mcp_server.server.shared_server import SharedServer
from mcp_server.server.tool_call import AT_ONCE, Client
from mcp_server.server.tool_server import Request, build
from mcp_server.server.wiring import context_of
from mcp_server.system.files import Files


@dataclass(frozen=True)
class Settings:
    """`fd` listens at `port`. The fleet is `fleet`, or is found from `cwd`, whoever calls."""

    fd: int
    port: int
    url: str
    hosts: list[str]
    loopback: bool
    state: str
    cwd: str
    fleet: str | None
    cert: str | None
    key: str | None


@dataclass(frozen=True)
class Clients:
    """The client behind a request; each holder of a token has its own limit of calls at once."""

    settings: Settings
    metrics: Metrics
    limits: dict[str, CapacityLimiter] = field(default_factory=dict[str, CapacityLimiter])

    def __call__(self, request: Request) -> Client:
        user: AuthenticatedUser = request.request.user  # pyright: ignore[reportOptionalMemberAccess]
        name = user.access_token.client_id
        limit = self.limits.setdefault(name, CapacityLimiter(AT_ONCE))

        def context() -> Context:
            fleet = Path(self.settings.fleet) if self.settings.fleet else None
            agent = None if name == ANONYMOUS else name
            return replace(context_of(os.environ, Path(self.settings.cwd), fleet=fleet, agent=agent), remote=True)

        return Client(context, self.metrics.calls(name), "write" in user.scopes, "http", limit)


class _Site(uvicorn.Server):
    """Leaves signals to `SharedServer`, which lets running calls end first."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def serve(settings: Settings, metrics: Metrics) -> None:
    """Serve until a signal or `ops serve stop`, which finds the server by a socket like the shared server's."""
    state = Path(settings.state)
    callers = Callers(StoredTokens(Files(state), state), open_to_readers=settings.loopback)
    app = application(
        build(catalogue(), Clients(settings, metrics)), Site(settings.url, tuple(settings.hosts)), callers, metrics
    )
    site = _Site(configured(app, settings.cert, settings.key))
    control = SharedServer(f"http-{settings.port}.sock", None, metrics)
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, control.stopping.set)

    async def serve_control() -> None:
        with socket.socket(socket.AF_UNIX) as listener:
            Path(control.name).unlink(missing_ok=True)
            listener.bind(control.name)
            await control.serve(listener)
        site.should_exit = True

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve_control())
        await site.serve([socket.socket(fileno=settings.fd)])
        control.stopping.set()


def main(text: str) -> None:
    settings = Settings(**json.loads(text))
    os.chdir(run_folder(settings.state))
    os.umask(0o077)
    tune_interpreter()
    metrics = Metrics(Journal(Path(settings.state), SERVER))
    run_server(metrics, serve(settings, metrics))


if __name__ == "__main__":
    main(sys.argv[1])
