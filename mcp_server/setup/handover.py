"""Starts the real server below a session that has begun without it, and carries bytes both ways from then on."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

_GRACE = 5.0  # seconds for the server to end after its client has left


def hand_over(python: Path, replay: list[bytes], unanswered: bytes) -> int:
    """Run the server until it ends; its exit code.

    `replay`: `initialize` and what followed it, whose answer was given already and is swallowed. `unanswered`: what
    the client said after that. When this process is killed, the server sees the end of its input and leaves too.
    """
    pipe = subprocess.PIPE
    server = subprocess.Popen([python, "-I", "-m", "mcp_server.server"], stdin=pipe, stdout=pipe, bufsize=0)
    incoming, outgoing = server.stdin, server.stdout
    if incoming is None or outgoing is None:
        raise RuntimeError("a pipe was asked for")
    with suppress(BrokenPipeError), open(outgoing.fileno(), "rb", closefd=False) as answers:
        incoming.write(b"".join(line + b"\n" for line in replay))
        if replay:
            _swallow(answers, json.loads(replay[0])["id"])
        threading.Thread(target=_feed, args=(server, incoming, unanswered), daemon=True).start()
        while chunk := answers.read1():
            _tell(chunk)
    return server.wait()


def _swallow(answers: IO[bytes], request: object) -> None:
    """Drop the answer to `request`; notifications before it go through."""
    for line in answers:
        message = json.loads(line)
        if message.get("id") == request and "method" not in message:
            return
        _tell(line)


def _feed(server: subprocess.Popen[bytes], incoming: IO[bytes], unanswered: bytes) -> None:
    """The client's bytes, until it leaves; a server that then stays is ended."""
    with suppress(BrokenPipeError):
        incoming.write(unanswered)
        while chunk := os.read(0, 65536):
            incoming.write(chunk)
        incoming.close()
    try:
        server.wait(_GRACE)
    except subprocess.TimeoutExpired:
        server.kill()


def _tell(chunk: bytes) -> None:
    sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
