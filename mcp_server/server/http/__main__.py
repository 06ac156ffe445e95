"""`python -m mcp_server.server.http SETTINGS`, started by `ops serve --http` with a socket that listens already.

Its environment is what the host's shared server would be told of a caller: no login, no key.
"""

import asyncio
import json
import logging
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

from mcp_server.activity.journal import SERVER, Journal
from mcp_server.operation.context import Context
from mcp_server.server.catalogue import catalogue
from mcp_server.server.http.app import Site, application
from mcp_server.server.http.callers import ANONYMOUS, Callers, KeptTokens
from mcp_server.server.http.connections import configured
from mcp_server.server.metrics import Figures
from mcp_server.server.pump.reach import run_folder
from mcp_server.server.shared_server import Host, Noted, serve_many
from mcp_server.server.telemetry import provide
from mcp_server.server.tool_server import AT_ONCE, Client, Request, build
from mcp_server.server.wiring import context_of
from mcp_server.system.files import Files


@dataclass(frozen=True)
class Settings:
    """`fd` listens at `port`; the fleet is found from `cwd` or is `fleet`, whoever calls."""

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
    """Each holder of a token has a limit of calls at once of its own."""

    settings: Settings
    figures: Figures
    limits: dict[str, CapacityLimiter] = field(default_factory=dict[str, CapacityLimiter])

    def __call__(self, request: Request) -> Client:
        user: AuthenticatedUser = request.request.user  # pyright: ignore[reportOptionalMemberAccess]
        name = user.access_token.client_id
        limit = self.limits.setdefault(name, CapacityLimiter(AT_ONCE))

        def context() -> Context:
            fleet = Path(self.settings.fleet) if self.settings.fleet else None
            agent = None if name == ANONYMOUS else name
            return replace(context_of(os.environ, Path(self.settings.cwd), fleet=fleet, agent=agent), remote=True)

        return Client(context, self.figures.calls(name), "write" in user.scopes, "http", limit)


class _Site(uvicorn.Server):
    """Signals are the host's: it lets calls end first."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def serve(settings: Settings, figures: Figures) -> None:
    """Until a signal or `ops serve stop`, which finds it by a socket like the shared server's."""
    state = Path(settings.state)
    callers = Callers(KeptTokens(Files(state), state), open_to_readers=settings.loopback)
    app = application(
        build(catalogue(), Clients(settings, figures)), Site(settings.url, tuple(settings.hosts)), callers, figures
    )
    site = _Site(configured(app, settings.cert, settings.key))
    host = Host(f"http-{settings.port}.sock", None, figures)
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, host.over.set)

    async def control() -> None:
        with socket.socket(socket.AF_UNIX) as listener:
            Path(host.name).unlink(missing_ok=True)
            listener.bind(host.name)
            await host.serve(listener)
        site.should_exit = True

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(control())
        await site.serve([socket.socket(fileno=settings.fd)])
        host.over.set()


def main(text: str) -> None:
    settings = Settings(**json.loads(text))
    os.chdir(run_folder(settings.state))
    os.umask(0o077)
    serve_many()
    figures = Figures(Journal(Path(settings.state), SERVER))
    logging.getLogger().addHandler(Noted(logging.WARNING, figures))
    flush = provide(os.environ, figures.note)
    asyncio.run(serve(settings, figures))
    flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
