"""`ops token refresh` as processes of its own, with the real Claude Code, against a token server on loopback."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.e2e.claude import PLUGIN, binary
from tests.e2e.token_server import TokenServer, token_server
from tests.fixtures.logins import LAPSED, tokens_of, write_store

LIMIT = 180


@pytest.fixture
def server(fleet: DemoFleet, tmp_path: Path) -> Generator[TokenServer]:
    """The fleet's one login has lapsed; the server knows it."""
    _, refresh_token = tokens_of(write_store(fleet.store, "host", LAPSED))
    with token_server(tmp_path / "server", refresh_token) as found:
        yield found


def environment(fleet: DemoFleet, server: TokenServer, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(fleet.home),
        "OPS_HOME": str(fleet.folder / "ops"),
        "OPS_FLEET": str(fleet.root),
        "OPS_CLAUDE": binary(),
        "PYTHONPATH": str(PLUGIN),
        "HTTPS_PROXY": server.proxy,
        "NODE_EXTRA_CA_CERTS": str(server.trust),
        **more,
    }


def start(
    fleet: DemoFleet,
    server: TokenServer,
    *options: str,
    verb: str = "refresh",
    below: tuple[str, ...] = (),
    **more: str,
) -> subprocess.Popen[str]:
    """One caller; `below` is a program that runs it."""
    command = [*below, sys.executable, "-m", "mcp_server.cli", "--json", "token", verb, *options]
    out, own = subprocess.PIPE, environment(fleet, server, **more)
    return subprocess.Popen(command, env=own, stdout=out, stderr=out, text=True)


def report(caller: subprocess.Popen[str]) -> tuple[str, str]:
    """The outcome for all stores and the state of the first, as one caller saw them; without any token."""
    out, errors = caller.communicate(timeout=LIMIT)
    assert not errors
    assert "made-up" not in out
    assert "sk-ant" not in out
    answer = json.loads(out)
    return answer["outcome"], answer["stores"][0]["state"]


def refresh(fleet: DemoFleet, server: TokenServer, *options: str, callers: int = 1) -> Counter[tuple[str, str]]:
    return Counter([report(caller) for caller in [start(fleet, server, *options) for _ in range(callers)]])


def host_store(fleet: DemoFleet) -> Path:
    return fleet.store / ".credentials.json"


def assert_renewed_once(fleet: DemoFleet, server: TokenServer) -> None:
    """One grant was asked for, the store holds its tokens, and the login lives."""
    assert (server.grants, server.revoked) == (["rotated"], False)
    assert tokens_of(host_store(fleet)) == ("made-up-access-1", server.current)


@pytest.fixture
def small_disk(fleet: DemoFleet) -> Generator[Path]:
    """The store's folder on a disk of its own of 64 kB, with the login in it."""
    store = host_store(fleet).read_bytes()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "none", str(fleet.store)], check=True)
    host_store(fleet).touch(0o600)
    host_store(fleet).write_bytes(store)
    yield fleet.store
    subprocess.run(["umount", "-l", str(host_store(fleet))], check=False, capture_output=True)
    subprocess.run(["umount", "-l", str(fleet.store)], check=True)
