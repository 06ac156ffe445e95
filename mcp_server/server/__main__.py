"""`python -m mcp_server.server`: the MCP server of one client, over its standard streams."""

import os
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread

from mcp_server.activity.write_journal import SERVER, Journal
from mcp_server.kernel.state_folder import state_folder
from mcp_server.server.catalogue import catalogue
from mcp_server.server.metrics import Metrics
from mcp_server.server.telemetry import provide
from mcp_server.server.tool_call import Client
from mcp_server.server.tool_server import build
from mcp_server.server.transport import converse
from mcp_server.server.wiring import context_of


async def serve() -> None:
    environment, cwd = dict(os.environ), Path.cwd()
    # Only the protocol goes to standard output: what an operation or its child prints goes to standard error.
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)

    def write(line: bytes) -> None:
        outgoing.write(line)
        outgoing.flush()

    journal = Journal(state_folder(environment, Path.home()), SERVER)
    metrics = Metrics(journal)
    flush = provide(environment, metrics.record)
    with metrics.connection(environment.get("AGENT_NAME") or cwd.name) as calls:
        client = Client(lambda: context_of(environment, cwd), calls)
        server = build(catalogue(), lambda _: client)
        await converse(server, aiter(anyio.wrap_file(incoming)), partial(anyio.to_thread.run_sync, write))
    await anyio.to_thread.run_sync(flush)


if __name__ == "__main__":
    anyio.run(serve)
