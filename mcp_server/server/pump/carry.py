"""Carries lines between a client on standard input and output and a server; when the server ends, to the next one."""

from __future__ import annotations

import os
import select
import time
from _socket import SHUT_WR

from mcp_server.server.pump.caller import greeting, needs_own_server, working_folder
from mcp_server.server.pump.connection import Link, connect
from mcp_server.server.pump.reach import UnreachableError, ask, reach
from mcp_server.server.pump.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK = 65536
_FULL = 1 << 20
"Once this many bytes wait for one end, the other end is no longer read."
_ATOMIC = 4096
"Bytes that a writable pipe takes without blocking (PIPE_BUF)."
_GRACE = 5.0
_PROBE = 30.0
_NEXT = "Check whether it was done (a plan or a check shows that), then call again: a new server answers"


def carry(root: str, python: str, replay: list[bytes] | None = None, unread: bytes = b"") -> int:
    """Serve the client until it leaves; returns the exit code.

    Args:
        root: The checkout.
        python: The interpreter that runs a server.
        replay: The lines of the handshake, if the client has had it already.
        unread: What the client sent after the handshake.
    """
    command = [python, "-I", "-m", "mcp_server.server"]
    if needs_own_server(os.environ):
        return _alone(command, replay, unread)
    line = greeting(os.environ, working_folder())
    try:
        link = reach(root, python, line)
    except (OSError, UnreachableError):
        return _alone(command, replay, unread)
    return Pump(lambda: reach(root, python, line), link, replay).run(unread)


def _alone(command: list[str], replay: list[bytes] | None, unread: bytes) -> int:
    """Run a server for this client only: in place of this process, or as its child once the session has begun."""
    if replay is None:
        os.execv(command[0], command)  # noqa: S606  an argv

    import socket  # noqa: PLC0415  the usual client needs neither
    import subprocess  # noqa: PLC0415

    def start() -> Link:
        ours, theirs = socket.socketpair()
        with theirs:
            subprocess.Popen(command, stdin=theirs.fileno(), stdout=theirs.fileno())
        return ours

    return Pump(start, start(), replay).run(unread)


class Pump:
    """`open_link` opens a connection to a server; it is called again whenever the server has ended."""

    def __init__(self, open_link: Callable[[], Link], link: Link, replay: list[bytes] | None) -> None:
        self.open_link = open_link
        self.session = Session(replay)
        self.link: Link | None = link
        self.to_server, self.to_client = bytearray(self.session.resume()), bytearray()
        self.from_server, self.from_client = bytearray(), bytearray()
        self.leaves_at: float | None = None
        link.setblocking(False)

    def run(self, unread: bytes) -> int:
        """Carry lines until the client leaves or no longer reads."""
        self._take_from_client(unread)
        try:
            while self._is_on():
                self._turn()
        except BrokenPipeError:
            pass
        return 0

    def _is_on(self) -> bool:
        if self.leaves_at is None:
            return True
        return (self.link is not None or bool(self.to_client)) and time.monotonic() < self.leaves_at

    def _turn(self) -> None:
        """Move what can be moved. While one end takes nothing, the other end is not read either."""
        link = self.link
        reads: list[int | Link] = [0] if self.leaves_at is None and len(self.to_server) < _FULL else []
        writes: list[int | Link] = [1] if self.to_client else []
        if link and len(self.to_client) < _FULL:
            reads.append(link)
        if link and self.to_server:
            writes.append(link)
        patience = _GRACE if self.leaves_at else _PROBE if self.session.may_wait else None
        readable, writable, _ = select.select(reads, writes, [], patience)
        if 1 in writable:
            del self.to_client[: os.write(1, self.to_client[:_ATOMIC])]
        if link:  # before the client: a call that comes after the server has ended is for the next one
            self._move(link, writes=link in writable, reads=link in readable)
        if 0 in readable:
            self._take_from_client(os.read(0, _CHUNK) or None)
        if link and self.leaves_at is None and not readable and not writable and self.session.unanswered:
            _probe(link)

    def _move(self, link: Link, *, writes: bool, reads: bool) -> None:
        try:
            if writes:
                del self.to_server[: link.send(self.to_server)]
                if self.leaves_at and not self.to_server:
                    link.shutdown(SHUT_WR)
            if reads:
                self._take_from_server(link.recv(_CHUNK))
        except BlockingIOError:
            pass
        except OSError:
            self._take_from_server(b"")

    def _take_from_client(self, chunk: bytes | None) -> None:
        """Pass whole lines on. None means the client has left: its last line is passed on before the pump ends."""
        if chunk is None:
            self.leaves_at = time.monotonic() + _GRACE
            chunk = b"\n" if self.from_client else b""
            if self.link and not self.to_server and not chunk:
                self.link.shutdown(SHUT_WR)
        for line in _lines(self.from_client, chunk):
            self.session.take_from_client(line)
            if self.link or self._reopened():
                self.to_server += line

    def _take_from_server(self, chunk: bytes) -> None:
        if chunk:
            for line in _lines(self.from_server, chunk):
                if self.session.passes(line):
                    self.to_client += line
        elif self.link:
            self.link.close()
            self.link = None
            self._fail("the ops server ended during this call")

    def _reopened(self) -> bool:
        """Whether there is a server again; if not, the requests are refused."""
        try:
            link = self.open_link()
        except (OSError, UnreachableError) as error:
            self._fail(f"no ops server runs: {error}")
            return False
        link.setblocking(False)
        self.link = link
        self.to_server += self.session.resume()
        return True

    def _fail(self, reason: str) -> None:
        self.to_server.clear()
        self.from_server.clear()
        self.to_client += self.session.lost(reason, _NEXT)


def _lines(buffer: bytearray, chunk: bytes) -> list[bytes]:
    """The lines that `chunk` completes; `buffer` keeps what is left."""
    head, newline, tail = chunk.rpartition(b"\n")
    buffer += head if newline else tail
    if not newline:
        return []
    lines = [line + newline for line in bytes(buffer).split(newline)]
    buffer[:] = tail
    return lines


def _probe(link: Link) -> None:
    """While an answer is awaited: a call may take its time, but a server that answers no greeting is killed."""
    if (name := link.getpeername()) and (other := connect(name)) and ask(other, b'{"ask": "status"}\n') is not None:
        other.close()
