"""The pump and the host's one server: one for many clients, which sends it what it needs about each."""

import os
import subprocess
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.server.pump.reach import server_name
from tests.server.pump.agents import ERAS, PUMP, ROOT, Agent, agent
from tests.server.pump.servers import sockets, status


def test_many_agents_that_start_at_once_share_one_server(tmp_path: Path, state: Path) -> None:
    count = 25
    env = {name: os.environ[name] for name in ("PATH", "HOME", "OPS_HOME")}
    processes = [
        subprocess.Popen(
            PUMP,
            env=env | {"AGENT_NAME": f"opus-{n}"},
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for n in range(count)
    ]
    agents = [Agent(process, ERAS[1]) for process in processes]
    for one in agents:
        assert one.ask("tools/list")["result"]["tools"]
    [path] = sockets(state)
    found = status(path)
    assert set(found["connections"]) == {f"opus-{n}" for n in range(count)}
    assert [one.leave() for one in agents] == [0] * count
    assert status(path)["pid"] == found["pid"], "it outlives them"


def test_the_server_is_private(tmp_path: Path, state: Path) -> None:
    with agent(tmp_path) as client:
        client.ask("tools/list")
        modes = {path: path.lstat().st_mode & 0o777 for path in (state / "run", *(state / "run").iterdir())}
    assert set(modes.values()) == {0o700, 0o600}
    assert modes[state / "run"] == 0o700


def test_each_agent_is_answered_about_its_own_fleet(fleet: DemoFleet, tmp_path: Path) -> None:
    with (
        agent(fleet.root / "opus-1", CLAUDE_PROJECT_DIR=str(fleet.root / "opus-1")) as inside,
        agent(tmp_path) as lost,
    ):
        names = [one["agent"] for one in inside.call("fleet_audit")["structuredContent"]["agents"]]
        assert "opus-2" in names
        assert lost.call("fleet_audit")["structuredContent"]["error"]["kind"] == "not_found"


def test_where_the_state_folder_cannot_be_used_each_client_has_its_own_server(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with agent(tmp_path, OPS_HOME=str(tmp_path / "file" / "state")) as client:
        assert client.ask("tools/list")["result"]["tools"]


def test_another_umask_is_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    name = server_name(str(ROOT))
    mask = os.umask(0o027)
    try:
        assert server_name(str(ROOT)) != name
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(mask)
    monkeypatch.setattr("mcp_server.server.pump.reach.__version__", "0.0.1")
    assert server_name(str(ROOT)) != name
