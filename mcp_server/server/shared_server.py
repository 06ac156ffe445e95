"""The host's one server: every client's pump connects to its socket, and each connection is a session of its own.

`python -m mcp_server.server.shared_server STATE NAME FD [IDLE]`, started by `pump/reach.py` with a socket that
listens already. It has no environment but a PATH and where traces go: what a call may know of its
caller came with the greeting.
"""

import asyncio
import gc
import json
import logging
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
from mcp_server.activity.journal import SERVER, Journal
from mcp_server.guard import hook
from mcp_server.server.catalogue import catalogue
from mcp_server.server.metrics import Figures
from mcp_server.server.telemetry import provide
from mcp_server.server.tool_server import Client, build
from mcp_server.server.transport import LONGEST_LINE, converse, lines_of
from mcp_server.server.wiring import context_of

_IDLE = 15 * 60.0
"Seconds without a connection after which the server ends."
_GREETED_WITHIN = 10.0
_DRAINED_WITHIN = 30.0
_SWITCH = 0.001
"Seconds that a busy thread keeps the interpreter for: what a quick call waits beside a long one."


@dataclass
class Host:
    """One server on the socket `name` in the working folder."""

    name: str
    idle: float | None
    figures: Figures
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, listener: socket.socket) -> None:
        """Until nobody has been connected for `idle` seconds (None: for ever), or it is told to stop: then calls may
        end first.
        """
        server = await asyncio.start_unix_server(self.meet, sock=listener, backlog=256, limit=LONGEST_LINE)
        born = _inode(self.name)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.over.set)
        watch = asyncio.create_task(self._end_when_idle(born))
        self.figures.note("started", version=__version__, socket=self.name)
        await self.over.wait()
        watch.cancel()
        server.close()
        if _inode(self.name) == born:
            Path(self.name).unlink()
        await self.figures.quiet(_DRAINED_WITHIN)
        self.figures.note("ended")

    async def _end_when_idle(self, born: int | None) -> None:
        """Also when nobody can find us any more: the socket is gone, or it is another server's."""
        if (idle := self.idle) is None:
            return
        while (alone := self.figures.alone_for()) < idle and (not alone or _inode(self.name) == born):
            await asyncio.sleep(max(0.05, min(idle - alone, 5.0)))
        self.over.set()

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its greeting to its end."""
        with suppress(ConnectionError, TimeoutError, ValueError), closing(writer):
            if _is_same_user(writer):
                line = await asyncio.wait_for(reader.readline(), _GREETED_WITHIN)
                await self._talk(json.loads(line), reader, writer)

    async def _talk(self, said: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def send(line: bytes) -> None:
            writer.write(line)
            await writer.drain()

        async def tell(facts: dict[str, Any]) -> None:
            await send(json.dumps({"version": __version__, "pid": os.getpid(), **facts}).encode() + b"\n")

        match said:
            case {"hook": dict(), "cwd": str(cwd), "environment": dict()}:
                environment = _strings(said["environment"])
                await tell({"hook": await asyncio.to_thread(hook.respond, said["hook"], environment, Path(cwd))})
            case {"cwd": str(cwd), "environment": dict()}:
                await tell({})
                environment, folder = _strings(said["environment"]), Path(cwd)
                with self.figures.connection(environment.get("AGENT_NAME") or folder.name) as calls:
                    client = Client(lambda: context_of(environment, folder), calls)
                    await converse(build(catalogue(), lambda _: client), lines_of(reader), send)
            case {"ask": "status"}:
                await tell(self.figures.document())
            case {"ask": "stop"}:
                self.over.set()
                await tell({})
            case _:
                pass


def _inode(name: str) -> int | None:
    try:
        return Path(name).lstat().st_ino
    except OSError:
        return None


def _strings(variables: dict[Any, Any]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if isinstance(name, str) and isinstance(value, str)}


def _is_same_user(writer: asyncio.StreamWriter) -> bool:
    """Whether a process of our own user called; where that is not told, the folder's rights keep others out."""
    link = writer.get_extra_info("socket")
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    _, uid, _ = struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return uid == os.geteuid()


_NOT_NOTED = {"ClientDisconnect", "LocalProtocolError"}
"A client may hang up, or talk nonsense and be told so, as often as it likes."


class Noted(logging.Handler):
    """What a library complains of goes to the journal, as far as it is sure to say nothing of a call's content."""

    def __init__(self, level: int, figures: Figures) -> None:
        super().__init__(level)
        self.figures = figures

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        if kind in _NOT_NOTED:
            return
        self.figures.note(
            "warning", source=record.name, line=record.lineno, message=str(record.msg)[:200], error=kind
        )


def serve_many() -> None:
    """Set the interpreter up for many clients at once, when all is loaded.

    A full search for garbage stops every thread, for a second beside a plan of 10,000 agents: what is loaded is left
    out of it, and it comes a tenth as often; what is short-lived is searched as ever.
    """
    gc.freeze()
    gc.set_threshold(700, 10, 100)
    gc.enable()
    sys.setswitchinterval(_SWITCH)


def main(name: str, fd: str, idle: float = _IDLE) -> None:
    """Serve until it is over. A thread that is still at work after that is not waited for."""
    serve_many()
    os.set_inheritable(int(fd), False)
    listener = socket.socket(fileno=int(fd))
    listener.listen(256)  # again: from now on we are the process that a client sees listening
    figures = Figures(Journal(Path.cwd().parent, SERVER))
    logging.getLogger().addHandler(Noted(logging.WARNING, figures))
    flush = provide(os.environ, figures.note)
    asyncio.run(Host(name, idle, figures).serve(listener))
    flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(float, sys.argv[3:]))
