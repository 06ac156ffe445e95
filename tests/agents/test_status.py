"""`agent_list` and `agent_status`: what the agents do, by real processes and the session files they would have."""

import json
import os
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mcp_server.activity.activity import Activity
from mcp_server.agents.list import AGENT_LIST, AGENT_STATUS, AgentList, ListParams
from mcp_server.demo.fleet import DemoFleet
from tests.agents.test_start import context
from tests.agents.test_where_it_runs import docker


@contextmanager
def session(fleet: DemoFleet, agent: str, file: Mapping[str, Any], **changed: Any) -> Generator[int]:
    """A process in the agent's folder with a session file as Claude Code writes it."""
    config = fleet.folder / "config"
    variables = {"PATH": os.environ["PATH"], "CLAUDE_CONFIG_DIR": str(config)}
    process = subprocess.Popen(["sleep", "600"], cwd=fleet.agent(agent), env=variables)
    until_its_environment_is_there(process.pid)
    start = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19]
    (config / "sessions").mkdir(parents=True, exist_ok=True)
    text = json.dumps({"pid": process.pid, "procStart": start, **file, **changed})
    (config / "sessions" / f"{process.pid}.json").write_text(text)
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def until_its_environment_is_there(pid: int) -> None:
    """A process that was just started has an empty environment for a moment."""
    for _ in range(100_000):
        if Path(f"/proc/{pid}/environ").read_bytes():
            return
        os.sched_yield()
    pytest.fail("the process does not start")


def status(fleet: DemoFleet, *names: str, **variables: str) -> tuple[Activity, ...]:
    found: AgentList = AGENT_STATUS.run(context(fleet, **variables), ListParams(agents=list(names)))
    return found.agents


@pytest.mark.parametrize(
    ("file", "state", "what"),
    [
        ({"status": "busy", "statusUpdatedAt": 1_796_141_313_619}, "busy", "session is in a turn"),
        ({"status": "waiting", "waitingFor": "permission prompt"}, "waiting", "session waits: permission prompt"),
        ({"status": "idle", "name": "fix", "nameSource": "user"}, "idle", "session fix waits for a prompt"),
        ({"status": "idle", "name": "w-3f", "nameSource": "derived"}, "idle", "session waits for a prompt"),
        ({"status": "dreaming"}, "running", "session does not say what it does"),
    ],
)
def test_a_session_is_in_the_state_that_its_file_says(
    demo_fleet: DemoFleet, file: Mapping[str, Any], state: str, what: str
) -> None:
    with session(demo_fleet, "opus-1", file) as pid:
        (found,) = status(demo_fleet, "opus-1")
    assert (found.state, found.what, [each.pid for each in found.sessions]) == (state, what, [pid])
    assert (found.since is not None) == ("statusUpdatedAt" in file)


def test_a_session_file_of_an_earlier_process_is_no_session(demo_fleet: DemoFleet) -> None:
    with session(demo_fleet, "opus-1", {"status": "busy"}, procStart="1"):
        assert [a.state for a in status(demo_fleet, "opus-1", "opus-2")] == ["stopped", "stopped"]


def test_of_two_sessions_the_one_in_a_turn_is_the_state_of_the_agent(demo_fleet: DemoFleet) -> None:
    with session(demo_fleet, "opus-1", {"status": "idle"}), session(demo_fleet, "opus-1", {"status": "busy"}):
        (found,) = status(demo_fleet, "opus-1")
        assert (found.state, len(found.sessions)) == ("busy", 2)
        text = AGENT_STATUS.text(AGENT_STATUS.run(context(demo_fleet), ListParams()))
    assert [line.split()[:2] for line in text.splitlines() if line.startswith("opus-1 ")] == [
        ["opus-1", "idle"],
        ["opus-1", "busy"],
    ]


def test_an_agent_that_may_be_in_a_container_is_not_taken_for_stopped(own_demo_fleet: DemoFleet) -> None:
    (own_demo_fleet.root / "Docker" / "docker-compose.yml").unlink()
    assert [a.state for a in status(own_demo_fleet, "test-1", "opus-1")] == ["unknown", "stopped"]


def test_an_agent_without_a_folder_is_absent_and_one_behind_a_silent_engine_unknown(
    own_demo_fleet: DemoFleet, tmp_path: Path
) -> None:
    own_demo_fleet.agent("opus-1").rename(tmp_path / "gone")
    (own_demo_fleet.root / "fleet.toml").write_text("[agents.opus-1]\n")
    path = docker(tmp_path, "exit 1")
    assert [a.state for a in status(own_demo_fleet, "opus-1", "test-1", PATH=path)] == ["absent", "unknown"]
    result = AGENT_LIST.run(context(own_demo_fleet, PATH=path), ListParams())
    assert "opus-1" in AGENT_LIST.text(result)
    assert not AGENT_STATUS.ok(result)
