"""`agent_stop` asks, ends what is between two turns, and never cuts one off."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from mcp_server.agents.stop import AGENT_STOP, Outcomes, StopParams
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.errors import OpsError
from tests.agents.test_start import ROOT, context
from tests.agents.test_status import session


def stop(fleet: DemoFleet, answer: str | Callable[[], str], *names: str, role: str = "") -> Outcomes:
    found = context(fleet)

    def ask(_: str) -> str:
        return answer if isinstance(answer, str) else answer()

    ctx = replace(found, world=replace(found.world, ask=ask))
    result: Outcomes = AGENT_STOP.run(ctx, StopParams(agents=list(names), role=role))
    return result


def runs(pid: int) -> bool:
    """Whether a child of this process has not ended; `session` waits for it later."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def never() -> str:
    raise AssertionError("nobody is to be asked")


def test_an_idle_session_is_ended_after_a_yes_and_not_without(demo_fleet: DemoFleet) -> None:
    with session(demo_fleet, "opus-1", {"status": "idle"}) as pid:
        with pytest.raises(OpsError, match="nobody said yes"):
            stop(demo_fleet, "no", "opus-1")
        assert runs(pid)
        assert [row.state for row in stop(demo_fleet, "yes", "opus-1", "opus-2").agents] == ["stopped"]
        assert not runs(pid)


@pytest.mark.parametrize("status", ["busy", "waiting", "dreaming"])
def test_a_turn_is_left_and_nobody_is_asked_about_it(demo_fleet: DemoFleet, status: str) -> None:
    with session(demo_fleet, "opus-1", {"status": status}) as pid, session(demo_fleet, "opus-1", {"status": "idle"}):
        result = stop(demo_fleet, never, role="opus")
        assert [(row.agent, row.state) for row in result.agents] == [("opus-1", "left")]
        assert not AGENT_STOP.ok(result)
        assert runs(pid)


def test_a_turn_that_began_while_the_question_was_open_is_left(demo_fleet: DemoFleet) -> None:
    with session(demo_fleet, "opus-1", {"status": "idle"}) as pid:
        file = demo_fleet.folder / "config" / "sessions" / f"{pid}.json"

        def begin() -> str:
            file.write_text(file.read_text().replace('"idle"', '"busy"'))
            return "yes"

        assert [row.state for row in stop(demo_fleet, begin, "opus-1").agents] == ["left"]
        assert runs(pid)


def test_a_session_that_renews_the_login_is_left(demo_fleet: DemoFleet) -> None:
    with session(demo_fleet, "opus-1", {"status": "idle"}) as pid:
        lock = demo_fleet.folder / "config" / ".oauth_refresh.lock"
        lock.mkdir()
        try:
            (row,) = stop(demo_fleet, never, "opus-1").agents
        finally:
            lock.rmdir()
        assert (row.state, row.what) == ("left", "its login is being renewed")
        assert runs(pid)


def test_without_a_name_or_a_terminal_nothing_is_ended(demo_fleet: DemoFleet) -> None:
    with pytest.raises(OpsError, match="no agent is named"):
        stop(demo_fleet, never)
    command = [sys.executable, "-m", "mcp_server.cli", "--fleet", str(demo_fleet.root), "agent", "stop", "opus-1"]
    with session(demo_fleet, "opus-1", {"status": "idle"}) as pid:
        done = subprocess.run(
            command, cwd=ROOT, start_new_session=True, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, "there is no terminal" in done.stderr) == (1, True)
        assert runs(pid)
