"""A sync while sessions run: the order of the agents, and whether a change survives the session's next write."""

import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_server.configs.sync import CONFIG_SYNC, SyncParams
from mcp_server.system.files import Files
from tests.fixtures.configs import MASTER, OWN, ConfigFleet, configs

__all__ = ["configs"]  # the fixture

SESSION = """
import json, os, select, sys, time
mode, path = sys.argv[1], ".claude.json"
with open(path) as file:
    old = json.load(file)
print("up", flush=True)
while mode != "idle" and not select.select([sys.stdin], [], [], 0)[0]:  # writes after somebody else has written
    with open(path) as file:
        found = json.load(file)
    if found != old:
        while True:
            try:
                os.mkdir(path + ".lock")
                break
            except FileExistsError:
                time.sleep(0.01)  # as Claude Code tries again for its lock
        with open(path) as file:
            new = json.load(file) if mode == "merge" else old
        with open(path + ".tmp", "w") as file:
            json.dump({**new, "numStartups": 8}, file)
        os.rename(path + ".tmp", path)
        os.rmdir(path + ".lock")
        if mode == "merge":
            break
    time.sleep(0.02)  # between two reads: nothing announces that another process wrote the file
sys.stdin.read()
"""


@contextmanager
def _session(configs: ConfigFleet, agent: str, mode: str, config: Path | None = None) -> Generator[None]:
    """A process in the agent's folder that uses the config there and runs until the end of the block."""
    folder = configs.path(agent).parent
    process = subprocess.Popen(
        [sys.executable, "-c", SESSION, mode],
        cwd=folder,
        env={**os.environ, "CLAUDE_CONFIG_DIR": str(config or folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        yield
    finally:
        with suppress(BrokenPipeError):
            process.communicate(timeout=60)


def test_a_change_that_survives_the_sessions_next_write_is_reported_as_such(configs: ConfigFleet) -> None:
    with _session(configs, "opus-1", "merge"):
        row = configs.synced("opus-1", watch=60)
    assert row.state == "applied"
    assert row.why.endswith("still there after the session's next write")
    assert configs.read("opus-1") == {**OWN, **MASTER, "numStartups": 8}


def test_a_change_that_the_session_undid_is_a_failure(configs: ConfigFleet) -> None:
    with _session(configs, "opus-1", "flush"):
        done = configs.sync(watch=60)
    row = done.agents[0]
    assert row.state == "failed"
    assert "undid /theme, /editorMode, /mcpServers/postgres" in row.why or "was undone by its session" in row.why
    assert row.next
    assert [other.state for other in done.agents[1:]] == ["applied"] * 2
    assert not CONFIG_SYNC.ok(done)


def test_the_wait_for_a_session_that_does_not_write_is_bounded(configs: ConfigFleet) -> None:
    with _session(configs, "opus-1", "idle"):
        assert configs.synced("opus-1", watch=0).why.endswith("the running session did not write within 0 s")


def test_a_session_that_uses_another_config_is_not_waited_for(configs: ConfigFleet, tmp_path: Path) -> None:
    with _session(configs, "opus-1", "idle", config=tmp_path):
        assert configs.synced("opus-1", watch=60).why == "3 changes written and read back"


@pytest.mark.parametrize("jobs", [1, 8])
def test_running_agents_come_last(configs: ConfigFleet, jobs: int) -> None:
    order: list[str] = []

    class Recorder(Files):
        @contextmanager
        def directory_lock(self, lock: Path, stale_after: float, wait: float = 0.0) -> Generator[None]:
            order.append(lock.parent.name)
            with super().directory_lock(lock, stale_after, wait):
                yield

    context = configs.context()
    recording = replace(context, world=replace(context.world, files=Recorder(context.world.state)))
    with _session(configs, "opus-1", "idle"):
        done = CONFIG_SYNC.run(recording, SyncParams(plan=configs.plan().plan, jobs=jobs, watch=0))
    assert order[-1] == "opus-1"
    assert sorted(order) == ["opus-1", "opus-2", "pm-1"]
    assert [row.agent for row in done.agents] == ["opus-1", "opus-2", "pm-1"]
    assert json.loads(configs.path("opus-1").read_bytes())["theme"] == "light"
