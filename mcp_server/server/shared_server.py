"""The host's shared server: every client's pump connects to its socket, and each connection is its own session.

`python -m mcp_server.server.shared_server NAME FD [IDLE]`, started by `pump/process.py` with a listening socket. Its
environment holds only PATH and where traces go: all that a call knows about its caller comes with the greeting.
"""

import asyncio
import json
import os
import signal
import socket
import struct
import sys
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mcp_server import __version__
from mcp_server.activity.write_journal import SERVER, Journal
from mcp_server.guard import hook
from mcp_server.server.catalogue import catalogue
from mcp_server.server.metrics import Metrics
from mcp_server.server.server_process import run_server, tune_interpreter
from mcp_server.server.tool_call import Client
from mcp_server.server.tool_server import build
from mcp_server.server.transport import LONGEST_LINE, converse, lines_of
from mcp_server.server.wiring import context_of

_IDLE = 15 * 60.0
"Seconds without a connection after which the server ends."
_GREETED_WITHIN = 10.0
_DRAINED_WITHIN = 30.0


@dataclass
class SharedServer:
    """One server on the socket `name` in the working folder.

    It ends after `idle` seconds without a connection (None: never), or when `stopping` is set.
    """

    name: str
    idle: float | None
    metrics: Metrics
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, listener: socket.socket) -> None:
        """Serve until the end; then running calls get 30 s to finish."""
        server = await asyncio.start_unix_server(self.accept, sock=listener, backlog=256, limit=LONGEST_LINE)
        inode = _inode_of(self.name)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.stopping.set)
        watch = asyncio.create_task(self._end_when_idle(inode))
        self.metrics.record("started", version=__version__, socket=self.name)
        await self.stopping.wait()
        watch.cancel()
        server.close()
        if _inode_of(self.name) == inode:
            Path(self.name).unlink()
        await self.metrics.wait_until_idle(_DRAINED_WITHIN)
        self.metrics.record("ended")

    async def _end_when_idle(self, inode: int | None) -> None:
        """Also end when clients can no longer find this server: its socket is gone or was replaced."""
        if (idle := self.idle) is None:
            return
        while (alone := self.metrics.alone_for()) < idle and (not alone or _inode_of(self.name) == inode):
            await asyncio.sleep(max(0.05, min(idle - alone, 5.0)))
        self.stopping.set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its greeting to its end."""
        with suppress(ConnectionError, TimeoutError, ValueError), closing(writer):
            if _is_same_user(writer):
                line = await asyncio.wait_for(reader.readline(), _GREETED_WITHIN)
                await self._answer(json.loads(line), reader, writer)

    async def _answer(self, greeting: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def send(line: bytes) -> None:
            writer.write(line)
            await writer.drain()

        async def report(facts: dict[str, Any]) -> None:
            await send(json.dumps({"version": __version__, "pid": os.getpid(), **facts}).encode() + b"\n")

        match greeting:
            case {"hook": dict(), "cwd": str(cwd), "environment": dict()}:
                environment = _strings(greeting["environment"])
                await report(
                    {"hook": await asyncio.to_thread(hook.respond, greeting["hook"], environment, Path(cwd))}
                )
            case {"cwd": str(cwd), "environment": dict()}:
                await report({})
                environment, folder = _strings(greeting["environment"]), Path(cwd)
                with self.metrics.connection(environment.get("AGENT_NAME") or folder.name) as calls:
                    client = Client(lambda: context_of(environment, folder), calls)
                    await converse(build(catalogue(), lambda _: client), lines_of(reader), send)
            case {"ask": "status"}:
                await report(self.metrics.document())
            case {"ask": "stop"}:
                self.stopping.set()
                await report({})
            case _:
                pass


def _inode_of(name: str) -> int | None:
    try:
        return Path(name).lstat().st_ino
    except OSError:
        return None


def _strings(variables: dict[Any, Any]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if isinstance(name, str) and isinstance(value, str)}


def _is_same_user(writer: asyncio.StreamWriter) -> bool:
    """Whether the caller runs as our user. If the platform cannot say, the folder's mode keeps others out."""
    link = writer.get_extra_info("socket")
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    _, uid, _ = struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return uid == os.geteuid()


def main(name: str, fd: str, idle: float = _IDLE) -> None:
    """Serve on the listening socket `fd` until it is over."""
    tune_interpreter()
    os.set_inheritable(int(fd), False)
    listener = socket.socket(fileno=int(fd))
    listener.listen(256)  # once more: from now on this process is the one that a client sees listening
    metrics = Metrics(Journal(Path.cwd().parent, SERVER))
    run_server(metrics, SharedServer(name, idle, metrics).serve(listener))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(float, sys.argv[3:]))
