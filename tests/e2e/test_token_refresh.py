"""`ops token refresh` with the real Claude Code, made-up tokens, and a server that rotates and revokes on reuse."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.e2e.claude import PLUGIN, binary, run
from tests.e2e.token_server import TokenServer, token_server
from tests.logins import LAPSED, tokens_of, write_store

pytestmark = pytest.mark.e2e
LIMIT = 120


@pytest.fixture
def server(fleet: DemoFleet, tmp_path: Path) -> Generator[TokenServer]:
    """The fleet's one login has lapsed; the server knows it."""
    _, refresh_token = tokens_of(write_store(fleet.store, "host", LAPSED))
    with token_server(tmp_path / "server", refresh_token) as found:
        yield found


def environment(fleet: DemoFleet, server: TokenServer) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(fleet.home),
        "OPS_HOME": str(fleet.folder / "ops"),
        "OPS_FLEET": str(fleet.root),
        "OPS_CLAUDE": binary(),
        "PYTHONPATH": str(PLUGIN),
        "HTTPS_PROXY": server.proxy,
        "NODE_EXTRA_CA_CERTS": str(server.trust),
    }


def start(fleet: DemoFleet, server: TokenServer) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mcp_server.cli", "--json", "token", "refresh"]
    out = subprocess.PIPE
    return subprocess.Popen(command, env=environment(fleet, server), stdout=out, stderr=out, text=True)


def told(caller: subprocess.Popen[str]) -> tuple[str, str]:
    """The outcome for all stores and the state of the first, as one caller was told."""
    out, errors = caller.communicate(timeout=LIMIT)
    assert not errors
    assert "made-up" not in out
    answer = json.loads(out)
    return answer["outcome"], answer["stores"][0]["state"]


def refresh(fleet: DemoFleet, server: TokenServer, callers: int = 1) -> Counter[tuple[str, str]]:
    return Counter([told(caller) for caller in [start(fleet, server) for _ in range(callers)]])


def host_store(fleet: DemoFleet) -> Path:
    return fleet.store / ".credentials.json"


@pytest.mark.parametrize(("callers", "delay"), [(1, 0.2), (10, 8), (25, 2)])
def test_any_number_of_callers_cause_one_grant_and_the_login_lives(
    fleet: DemoFleet, server: TokenServer, callers: int, delay: float
) -> None:
    server.delay = delay
    answers = refresh(fleet, server, callers)
    assert (server.grants, server.revoked) == (["rotated"], False)
    assert tokens_of(host_store(fleet)) == ("made-up-access-1", server.current)
    # Who comes when it is done already is told just that.
    assert answers["refreshed", "healthy"] >= 1
    assert set(answers) <= {("refreshed", "healthy"), ("not_needed", "healthy")}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((400, b'{"error": "invalid_grant"}'), ("needs_login", "blanked")),
        ((401, b'{"error": "unauthorized"}'), ("failed", "access_lapsed")),
        ((429, b'{"error": "slow down"}'), ("failed", "access_lapsed")),
        ((500, b"{}"), ("failed", "access_lapsed")),
        ((200, b"<html>garbage"), ("failed", "access_lapsed")),
        ((0, b""), ("failed", "access_lapsed")),
    ],
)
def test_whatever_the_server_answers_the_outcome_is_what_the_store_says(
    fleet: DemoFleet, server: TokenServer, answer: tuple[int, bytes], outcome: tuple[str, str]
) -> None:
    server.answer = answer
    before = host_store(fleet).read_bytes()
    assert refresh(fleet, server) == {outcome: 1}
    assert (host_store(fleet).read_bytes() == before) == (outcome[0] == "failed")


def test_a_caller_killed_while_the_server_answers_loses_nothing(fleet: DemoFleet, server: TokenServer) -> None:
    server.delay = 4
    first = start(fleet, server)
    assert server.arrived.wait(LIMIT)
    first.kill()
    first.communicate()
    second = told(start(fleet, server))
    assert second[0] in ("refreshed", "not_needed")
    assert (server.grants, server.revoked) == (["rotated"], False)
    assert tokens_of(host_store(fleet)) == ("made-up-access-1", server.current)


def test_copies_are_refused_and_without_us_the_same_copies_lose_the_login(
    fleet: DemoFleet, server: TokenServer, tmp_path: Path
) -> None:
    copies = [fleet.store, fleet.agent("opus-1"), fleet.agent("opus-2")]
    for folder in copies:
        write_store(folder, "host", LAPSED)
    assert refresh(fleet, server) == {("refused", "access_lapsed"): 1}
    assert server.grants == []
    for folder in copies:  # what every client does by itself at its next request
        own = {"CLAUDE_CONFIG_DIR": str(tmp_path / folder.name), "CLAUDE_SECURESTORAGE_CONFIG_DIR": str(folder)}
        run([binary(), "mcp", "list"], {**environment(fleet, server), **own}, tmp_path, LIMIT)
    assert server.revoked
    assert server.grants == ["rotated", "reused", "reused"]
