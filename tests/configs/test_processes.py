"""Concurrent syncs, running sessions, and processes killed in the middle."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.fixtures.configs import MASTER, OWN, ConfigFleet, configs, write

__all__ = ["configs"]  # the fixture
ROOT = Path(__file__).resolve().parents[2]

SESSION = """
import json, os, sys
path, count = sys.argv[1], int(sys.argv[2])
for number in range(count):  # as Claude Code writes: lock folder, read, temporary file, rename
    while True:
        try:
            os.mkdir(path + ".lock")
            break
        except FileExistsError:
            pass
    with open(path) as file:
        found = json.load(file)
    found["numStartups"] += 1
    with open(path + ".tmp", "w") as file:
        json.dump(found, file, indent=2)
    os.rename(path + ".tmp", path)
    os.rmdir(path + ".lock")
"""


def _python(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _ops(configs: ConfigFleet, *words: str) -> "subprocess.Popen[str]":
    return _python("-m", "mcp_server.cli", "--json", "--fleet", str(configs.root), *words)


def test_one_of_many_processes_that_sync_the_same_plan_at_once_does_it_and_the_others_report_a_conflict(
    configs: ConfigFleet,
) -> None:
    plan = configs.plan().plan
    running = [_ops(configs, "config", "sync", "--plan", plan) for _ in range(25)]
    answers: list[Any] = [json.loads(process.communicate(timeout=300)[0]) for process in running]
    done = [answer for answer in answers if "agents" in answer]
    assert len(done) == 1
    assert {row["state"] for row in done[0]["agents"]} == {"applied"}
    assert {answer["error"]["kind"] for answer in answers if "error" in answer} == {"conflict"}
    assert sorted(process.returncode for process in running) == [0, *[1] * 24]
    assert {configs.read(agent) == {**OWN, **MASTER} for agent in ("opus-1", "opus-2", "pm-1")} == {True}
    assert len(list((configs.context().world.state / "backups").rglob(".claude.json"))) == 3


def test_agents_that_sync_themselves_at_the_same_time_all_succeed(configs: ConfigFleet) -> None:
    agents = [f"opus-{number}" for number in range(1, 26)]
    for agent in agents:
        write(configs.path(agent), OWN)
    plans = {agent: configs.plan(agent).plan for agent in agents}
    running = [_ops(configs, "config", "sync", "--plan", plan, agent) for agent, plan in plans.items()]
    for process in running:
        assert process.communicate(timeout=300)[1] == ""
    assert [process.returncode for process in running] == [0] * 25
    assert {configs.read(agent) == {**OWN, **MASTER} for agent in agents} == {True}
    assert set(configs.states(*agents).values()) == {"in_sync"}


def test_nothing_is_lost_while_a_session_and_a_sync_write_the_same_file(configs: ConfigFleet) -> None:
    session = _python("-c", SESSION, str(configs.path("opus-1")), "300")
    rounds = 0
    while session.poll() is None or rounds < 3:
        write(configs.master, {**MASTER, "round": rounds})
        assert configs.synced("opus-1").state in ("applied", "unchanged")
        assert configs.read("opus-1")["round"] == rounds
        rounds += 1
    assert session.communicate(timeout=60) == ("", "")
    assert configs.read("opus-1") == {**OWN, **MASTER, "numStartups": 307, "round": rounds - 1}


def test_a_sync_killed_at_any_step_leaves_the_old_or_the_new_config_and_the_next_sync_repairs_the_rest(
    configs: ConfigFleet,
) -> None:
    for other in ("opus-2", "pm-1"):
        configs.path(other).unlink()
        configs.path(other).parent.rmdir()
    process = _python("-m", "tests.configs.kill_points", str(configs.root))
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    attempts: list[Any] = [json.loads(line) for line in output.splitlines()]
    assert len(attempts) > 20
    assert attempts[-1]["killed_at"] is None
    for attempt in attempts:
        assert attempt["found"] == (OWN if attempt["old"] else {**OWN, **MASTER}), attempt["killed_at"]
        assert attempt["old"] or attempt["backed_up"], attempt["killed_at"]
        assert attempt["repaired"] == {**OWN, **MASTER}, attempt["killed_at"]
        assert attempt["states"] == ["in_sync"], attempt["killed_at"]
        assert not (attempt["old"] and attempt["locks"]), attempt["killed_at"]  # a sync that writes removes it
    assert {attempt["old"] for attempt in attempts} == {True, False}
    assert os.environ["OPS_HOME"].startswith(os.environ["HOME"])
