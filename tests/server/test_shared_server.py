"""The shared server's own life: who may connect and when it ends."""

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from mcp_server.activity.write_journal import SERVER, Journal
from mcp_server.server.metrics import Metrics
from mcp_server.server.shared_server import SharedServer
from tests.server.pump.servers import reached, status

BOUND = 120


def started(folder: Path, idle: float) -> tuple[subprocess.Popen[bytes], Path]:
    """A server on a socket in `folder`."""
    path = folder / "x.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        fd = listener.fileno()
        command = [sys.executable, "-I", "-m", "mcp_server.server.shared_server", path.name, str(fd), str(idle)]
        return subprocess.Popen(command, cwd=folder, pass_fds=(fd,)), path


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("s")


def test_it_ends_after_an_idle_time_and_removes_its_socket(short: Path) -> None:
    server, path = started(short, 0.2)
    assert server.wait(BOUND) == 0
    assert not path.exists()


def test_it_stays_while_a_client_is_connected(short: Path) -> None:
    server, path = started(short, 0.2)
    link = reached(path)
    assert link
    link.sendall(b'{"cwd": "/", "environment": {}}\n')
    assert link.recv(1000).endswith(b"\n")
    with pytest.raises(subprocess.TimeoutExpired):
        server.wait(1)
    link.close()
    assert server.wait(BOUND) == 0


def test_a_server_that_lost_its_socket_ends_and_leaves_its_successor_alone(short: Path) -> None:
    server, path = started(short, 3600)
    assert status(path)
    path.unlink()
    path.write_text("the next one's")
    assert server.wait(BOUND) == 0
    assert path.read_text() == "the next one's"


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b'{"ask": "money"}', b'{"cwd": 1, "environment": {}}', b"x" * 100_000]
)
def test_a_connection_without_a_greeting_is_not_served(short: Path, line: bytes) -> None:
    server, path = started(short, 3600)
    link = reached(path)
    assert link
    link.settimeout(BOUND)
    link.sendall(line + b"\n")
    assert link.recv(1000) == b""
    link.close()
    server.terminate()
    assert server.wait(BOUND) == 0


def test_another_users_process_is_not_served(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> bytes:
        shared = SharedServer("x.sock", 3600, Metrics(Journal(short, SERVER)))
        server = await asyncio.start_unix_server(shared.accept, short / "x.sock")
        async with server:
            reader, writer = await asyncio.open_unix_connection(short / "x.sock")
            writer.write(b'{"ask": "status"}\n')
            with closing(writer), suppress(ConnectionError):
                return await asyncio.wait_for(reader.read(), BOUND)
            return b""

    assert asyncio.run(run()).startswith(b'{"version"')
    (short / "x.sock").unlink()
    us = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: us + 1)
    assert asyncio.run(run()) == b""
