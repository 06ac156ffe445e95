"""The shared servers that tests start, by their sockets."""

import json
import os
import select
from pathlib import Path
from typing import Any

from mcp_server.server.pump.connection import Link, connect
from mcp_server.server.pump.process import pid_of
from mcp_server.server.pump.reach import ask

_BOUND = 60.0


def sockets(state: Path) -> list[Path]:
    """The sockets in `OPS_HOME/run`."""
    return sorted((state / "run").glob("*.sock"))


def reached(path: Path) -> Link | None:
    """A connection to a server by its socket; the path may be long."""
    folder = Path.cwd()
    try:
        os.chdir(path.parent)
        return connect(path.name)
    finally:
        os.chdir(folder)


def status(path: Path) -> dict[str, Any]:
    """What the server says of itself."""
    link = reached(path)
    assert link
    answer = ask(link, b'{"ask": "status"}\n')
    link.close()
    assert answer
    return json.loads(answer)


def stop(path: Path) -> None:
    """End the server that listens there, if one does, and wait for its end."""
    if link := reached(path):
        pid = pid_of(link)
        if ask(link, b'{"ask": "stop"}\n') is not None:
            link.close()
            await_end(pid)


def await_end(pid: int) -> None:
    """Wait until a process that is not our child has ended."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([process], [], [], _BOUND)[0], f"process {pid} did not end"
    finally:
        os.close(process)
