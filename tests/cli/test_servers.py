"""`ops serve status`, `ops serve stop`, `ops log` on a real shared server."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mcp_server.activity.write_journal import AUDIT, Journal
from tests.server.pump.agents import agent

BOUND = 120


@pytest.fixture
def state(home: Path) -> Path:
    return home / "state"


def ops(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-I", "-m", "mcp_server.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BOUND, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def document(*arguments: str) -> dict[str, Any]:
    return json.loads(ops("--json", *arguments)[1])


def test_the_status_shows_clients_and_calls(tmp_path: Path) -> None:
    with agent(tmp_path, AGENT_NAME="opus-3") as client:
        client.call("index_check", problem="login expired")
        client.call("fleet_audit")
        [server] = document("serve", "status")["servers"]
        text = ops("serve", "status")[1]
    assert server["connections"] == {"opus-3": 1}
    assert server["outcomes"] == {"ok": 1, "not_found": 1}
    assert server["latency_ms"]["p99"] >= server["latency_ms"]["p50"] > 0
    assert server["memory_bytes"] > 1_000_000
    assert "connected  opus-3" in text


def test_after_a_stop_the_session_continues_on_a_new_server(tmp_path: Path) -> None:
    with agent(tmp_path) as client:
        client.ask("tools/list")
        [server] = document("serve", "status")["servers"]
        assert document("serve", "stop") == {"stopped": [server["pid"]]}
        assert not Path(f"/proc/{server['pid']}").exists()
        assert client.ask("tools/list")["result"]["tools"]


def test_without_a_server_status_and_stop_say_so(home: Path) -> None:
    assert ops("serve", "status") == (1, "no ops server runs; the first client starts one\n")
    assert ops("serve", "stop") == (0, "no ops server runs\n")
    assert not (home / "state").exists()


def test_the_log_shows_calls_and_callers_but_no_argument_of_a_read(tmp_path: Path, state: Path) -> None:
    with agent(tmp_path, AGENT_NAME="opus-3") as client:
        client.call("index_check", problem="canary-problem")
    Journal(state, AUDIT).write("begun", operation="config_sync")
    events = document("log")["entries"]
    [call] = [entry for entry in events if entry["event"] == "call"]
    assert (call["agent"], call["tool"], call["outcome"]) == ("opus-3", "index_check", "ok")
    text = ops("log", "--limit", "2")[1]
    assert len(text.splitlines()) == 2
    assert "config_sync" in text
    assert "canary" not in json.dumps(events)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (state / "logs").iterdir())


def test_the_log_can_be_followed(state: Path) -> None:
    Journal(state, AUDIT).write("begun", operation="first")
    command = [sys.executable, "-I", "-m", "mcp_server.cli", "log", "--follow"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout
        assert "first" in following.stdout.readline()
        Journal(state, AUDIT).write("begun", operation="second")
        assert "second" in following.stdout.readline()
        following.terminate()
