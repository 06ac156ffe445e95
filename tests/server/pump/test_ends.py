"""A server that dies, hangs or is upgraded, survived by every session."""

import os
import signal
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.server.pump.agents import ERAS, agent, await_file, host_pid, release
from tests.server.pump.servers import await_end, sockets, status


@pytest.mark.parametrize("era", ERAS)
def test_a_server_that_dies_costs_its_calls_one_clear_error_each_and_the_session_goes_on(
    era: str, fleet: DemoFleet, state: Path, stuck_git: Path
) -> None:
    path = f"{stuck_git}:{os.environ['PATH']}"
    with agent(fleet.root, era, PATH=path, OPS_FLEET=str(fleet.root)) as client:
        client.ask("tools/list")
        call = client.begin("tools/call", name="fleet_audit", arguments={})
        await_file(stuck_git / "started")
        died = host_pid(state)
        os.kill(died, signal.SIGKILL)
        answer = client.answer()
        assert answer["id"] == call
        assert answer["result"]["isError"] is True
        assert "ended during this call" in answer["result"]["content"][0]["text"]
        assert answer["result"]["structuredContent"]["error"]["next"]
        result = client.call("index_check", problem="login expired")
        assert result["structuredContent"]["match"] is True
        assert host_pid(state) != died
        assert client.answers.empty()


def test_a_hung_server_is_ended_for_a_new_client(tmp_path: Path, state: Path) -> None:
    with agent(tmp_path) as first:
        first.ask("tools/list")
        hung = host_pid(state)
        os.kill(hung, signal.SIGSTOP)
        with agent(tmp_path, module="connection.PATIENCE = reach.PATIENCE = 0.5") as second:
            assert second.ask("tools/list")["result"]["tools"]
            await_end(hung)
        assert first.ask("tools/list")["result"]["tools"], "the first one's next request is answered too"


@pytest.mark.parametrize("era", ERAS)
def test_a_server_that_hangs_during_a_call_is_found_out(
    era: str, fleet: DemoFleet, state: Path, stuck_git: Path
) -> None:
    path = f"{stuck_git}:{os.environ['PATH']}"
    impatient = "connection.PATIENCE = reach.PATIENCE = 0.5; carry._PROBE = 0.5"
    with agent(fleet.root, era, impatient, PATH=path, OPS_FLEET=str(fleet.root)) as client:
        client.begin("tools/call", name="fleet_audit", arguments={})
        await_file(stuck_git / "started")
        os.kill(host_pid(state), signal.SIGSTOP)
        assert client.answer()["result"]["isError"] is True
        assert client.ask("tools/list")["result"]["tools"]


def test_after_an_upgrade_new_clients_have_the_new_server_and_old_ones_finish(
    fleet: DemoFleet, state: Path, stuck_git: Path
) -> None:
    path = f"{stuck_git}:{os.environ['PATH']}"
    upgraded = "reach.__version__ = '9.9.9'"
    with agent(fleet.root, PATH=path, OPS_FLEET=str(fleet.root)) as old:
        call = old.begin("tools/call", name="fleet_audit", arguments={})
        await_file(stuck_git / "started")
        [before] = sockets(state)
        with agent(fleet.root, module=upgraded) as new, agent(fleet.root, module=upgraded) as newer:
            for client in (new, newer):
                assert client.call("index_check", problem="login expired")["structuredContent"]["match"] is True
            [after] = {*sockets(state)} - {before}
            assert after.name.startswith("9.9.9-")
            assert sorted(status(after)["connections"].values()) == [2]
            release(stuck_git / "gate")
            answer = old.answer()
            assert answer["id"] == call
            assert "isError" not in answer["result"] or not answer["result"]["isError"]
            assert old.ask("tools/list")["result"]["tools"]
            assert sum(status(before)["connections"].values()) == 1
