"""Through the pump: a long call tells how far it is, and one that is cancelled while it waits ends, in both eras."""

import json
import os
import signal
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.server.pump.agents import ERAS, agent, await_file, host_pid
from tests.server.pump.servers import await_end


@pytest.mark.parametrize("era", ERAS)
def test_a_long_call_tells_how_far_it_is(era: str, fleet: DemoFleet) -> None:
    with agent(fleet.root, era, OPS_FLEET=str(fleet.root)) as client:
        call = client.begin("tools/call", name="fleet_audit", arguments={})
        assert client.answer()["id"] == call
        assert client.progress
        assert all(note["progressToken"] == call for note in client.progress)
        assert client.progress[0]["message"] == "clones"


@pytest.mark.parametrize("era", ERAS)
def test_a_call_that_waits_for_git_is_cancelled_and_the_git_is_ended(
    era: str, fleet: DemoFleet, state: Path, stuck_git: Path
) -> None:
    path = f"{stuck_git}:{os.environ['PATH']}"
    with agent(fleet.root, era, PATH=path, OPS_FLEET=str(fleet.root)) as client:
        call = client.begin("tools/call", name="fleet_audit", arguments={})
        await_file(stuck_git / "started")
        git = int((stuck_git / "started").read_text())
        client.send("notifications/cancelled", requestId=call, reason="no longer wanted")
        await_end(git)
        assert client.call("index_check", problem="login expired")["structuredContent"]["match"] is True
    log = [json.loads(line) for line in (state / "logs" / "server.jsonl").read_text().splitlines()]
    assert [entry["outcome"] for entry in log if entry["event"] == "call"] == ["cancelled", "ok"]


@pytest.mark.parametrize("era", ERAS)
def test_a_cancelled_call_is_not_answered_when_the_server_dies(
    era: str, fleet: DemoFleet, state: Path, stuck_git: Path
) -> None:
    path = f"{stuck_git}:{os.environ['PATH']}"
    with agent(fleet.root, era, PATH=path, OPS_FLEET=str(fleet.root)) as client:
        cancelled = client.begin("tools/call", name="fleet_audit", arguments={})
        await_file(stuck_git / "started")
        git = int((stuck_git / "started").read_text())
        client.send("notifications/cancelled", requestId=cancelled, reason="no longer wanted")
        await_end(git)
        (stuck_git / "started").unlink()
        call = client.begin("tools/call", name="fleet_audit", arguments={})
        await_file(stuck_git / "started")
        os.kill(host_pid(state), signal.SIGKILL)
        assert client.answer()["id"] == call
        client.ask("tools/list")
        assert client.answers.empty()
