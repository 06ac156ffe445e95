"""All agents of a fleet with their real clients in real windows of tmux, and one in a real container."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mcp_server.clients import claude
from mcp_server.demo.fleet import DemoFleet
from tests.e2e.claude import binary
from tests.e2e.engine import IMAGE, docker, emptied, reach
from tests.e2e.loopback import Answer, Request
from tests.e2e.model import Call, ScriptedModel
from tests.e2e.other_models import OtherModel
from tests.e2e.terminal import past_onboarding
from tests.e2e.test_agent_telemetry import CODEX

__all__ = ["emptied", "reach"]  # the fixtures
pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]
COMPOSE = f"""
services:
  test-1:
    image: {IMAGE}
    network_mode: none
    init: false
    user: '0:0'
    command: [sleep, '600']
    env_file: ../test-1/.env
    environment: {{CLAUDE_CONFIG_DIR: /workspace}}
    volumes: ['/usr:/usr:ro', '../test-1:/workspace']
"""


@dataclass
class SlowModel(ScriptedModel):
    """Answers only once the test says so."""

    may_answer: Path = Path()

    def answer(self, request: Request) -> Answer:
        for _ in range(1200):
            if "hurry" not in json.dumps(request.body) or self.may_answer.exists():
                break
            time.sleep(0.1)  # the test makes the file
        return super().answer(request)


@dataclass
class Fleet:
    demo: DemoFleet
    environment: dict[str, str]

    def ops(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "mcp_server.cli", "--fleet", str(self.demo.root), *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=200, check=False)

    def states(self) -> dict[str, str]:
        found: dict[str, Any] = json.loads(self.ops("--json", "agent", "status").stdout)
        return {agent["agent"]: agent["state"] for agent in found["agents"]}

    def tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", *words], env=self.environment, capture_output=True, text=True, check=False)
        return done.stdout

    def press(self, window: str, *keys: str) -> None:
        for key in keys:
            self.tmux("send-keys", "-t", f"=ops-agents-platform:{window}", key)

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        for _ in range(150):
            if is_so():
                return
            time.sleep(0.2)  # a client writes its session file, and its screen, when it likes
        raise AssertionError(f"{self.states()}\n{self.ops('agent', 'status').stdout}")

    def typed(self, answer: str, *words: str) -> str:
        """What a command says to a person who types an answer at its question."""
        command = [sys.executable, "-m", "mcp_server.cli", "--fleet", str(self.demo.root), *words]
        stays = (";", "set", "-p", "remain-on-exit", "on")
        self.tmux("new-session", "-d", "-s", "person", "-x", "200", "--", *command, *stays)

        def screen() -> str:
            return self.tmux("capture-pane", "-p", "-S", "-100", "-t", "person")

        self.wait_for(lambda: "Type yes" in screen() or "Pane is dead" in screen())
        self.tmux("send-keys", "-t", "person", answer, "Enter")
        self.wait_for(lambda: "Pane is dead" in screen())
        shown = screen()
        self.tmux("kill-session", "-t", "person")
        return shown


@pytest.fixture
def all_agents(fleet: DemoFleet, reach: dict[str, str]) -> Generator[tuple[Fleet, SlowModel]]:
    (fleet.root / "Docker" / "docker-compose.yml").write_text(COMPOSE)
    (fleet.folder / "tmux").mkdir()
    client = fleet.folder / "claude"
    turns = [Call("Bash", {"command": "touch made.txt", "description": "make a file"}), "done"]
    with SlowModel(turns, may_answer=fleet.folder / "go") as model:
        client.write_text(
            f"#!/bin/sh\nexport ANTHROPIC_BASE_URL={model.url} ANTHROPIC_AUTH_TOKEN=dummy DISABLE_AUTOUPDATER=1\n"
            f'exec {binary()} --permission-mode default "$@"\n'
        )
        client.chmod(0o755)
        own = {name: value for name, value in os.environ.items() if name not in ("TMUX", "TMUX_PANE")}
        own |= {"HOME": str(fleet.home), "TMUX_TMPDIR": str(fleet.folder / "tmux"), "OPS_CLAUDE": str(client)}
        own |= {"PYTHONPATH": str(ROOT), "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1", **reach}
        agents = Fleet(fleet, own)
        for name in ("opus-1", "opus-2"):
            start: dict[str, Any] = json.loads(agents.ops("--json", "agent", "env", name).stdout)
            past_onboarding(Path(start["variables"][claude.CONFIG_DIR]), fleet.agent(name))
        yield agents, model
        with suppress(OSError):
            subprocess.run(["tmux", "kill-server"], env=own, check=False, capture_output=True)


def test_agents_start_in_windows_are_seen_and_stop_between_turns(all_agents: tuple[Fleet, SlowModel]) -> None:
    fleet, model = all_agents
    assert set(fleet.states().values()) == {"stopped"}
    started = fleet.ops("agent", "run", "--role", "opus", "--pause", "0")
    assert started.returncode == 0, started.stdout + started.stderr
    fleet.wait_for(lambda: fleet.states() | {"opus-1": "idle", "opus-2": "idle"} == fleet.states())
    again: dict[str, Any] = json.loads(fleet.ops("--json", "agent", "run", "--role", "opus").stdout)
    assert [agent["state"] for agent in again["agents"]] == ["left", "left"]
    fleet.press("opus-1", "hurry", "Enter")
    fleet.wait_for(lambda: fleet.states()["opus-1"] == "busy")
    stopped = fleet.typed("yes", "agent", "stop", "--all")
    assert re.search(r"opus-1 +left +session is in a turn", stopped), stopped
    assert re.search(r"opus-2 +stopped", stopped), stopped
    model.may_answer.touch()
    fleet.wait_for(lambda: fleet.states()["opus-1"] == "waiting")
    assert "waits: permission prompt" in fleet.ops("agent", "status", "opus-1").stdout
    assert "left" in fleet.ops("agent", "stop", "opus-1").stdout
    fleet.press("opus-1", "Enter")
    fleet.wait_for(lambda: fleet.states()["opus-1"] == "idle")
    assert (fleet.demo.agent("opus-1") / "made.txt").exists()
    assert "stopped" in fleet.typed("yes", "agent", "stop", "opus-1")
    assert set(fleet.states().values()) == {"stopped"}


def test_a_container_agent_runs_beside_them_and_is_stopped_not_removed(
    all_agents: tuple[Fleet, SlowModel], reach: dict[str, str]
) -> None:
    fleet, _ = all_agents
    started = fleet.ops("agent", "run", "--role", "test", "--pause", "0")
    assert started.returncode == 0, started.stdout + started.stderr
    assert fleet.states()["test-1"] == "running"
    assert "docker" in fleet.tmux("list-panes", "-a", "-F", "#{pane_current_command}")
    start = docker(reach, "exec", "-d", "docker-test-1-1", "sleep", "500")
    number = docker(reach, "exec", "docker-test-1-1", "pgrep", "-f", "sleep 500").split()[0]
    stat = docker(reach, "exec", "docker-test-1-1", "cat", f"/proc/{number}/stat").rpartition(")")[2].split()
    file = {"pid": int(number), "procStart": stat[19], "status": "busy"}
    sessions = fleet.demo.agent("test-1") / "sessions"
    sessions.mkdir()
    (sessions / f"{number}.json").write_text(json.dumps(file))
    assert (start, fleet.states()["test-1"]) == ("", "busy")
    assert "left" in fleet.ops("agent", "stop", "test-1").stdout
    (sessions / f"{number}.json").write_text(json.dumps({**file, "status": "idle"}))
    assert "is stopped, not removed" in fleet.typed("yes", "agent", "stop", "test-1")
    assert docker(reach, "inspect", "--format={{.State.Running}}", "docker-test-1-1").strip() == "false"


def test_a_client_that_ends_at_once_is_a_failure_with_its_own_words(all_agents: tuple[Fleet, SlowModel]) -> None:
    fleet, _ = all_agents
    Path(fleet.environment["OPS_CLAUDE"]).write_text("#!/bin/sh\necho 'this client is broken'; exit 3\n")
    done = fleet.ops("agent", "run", "--role", "opus", "--pause", "1")
    assert done.returncode == 1
    assert done.stdout.count("was not started: this client is broken") == 2
    assert fleet.tmux("list-panes", "-a") == ""


def test_the_window_of_an_agent_is_shown_wherever_it_was_started(all_agents: tuple[Fleet, SlowModel]) -> None:
    fleet, _ = all_agents
    command = [sys.executable, "-m", "mcp_server.cli", "--fleet", str(fleet.demo.root), "agent"]
    fleet.tmux("new-session", "-d", "-s", "mine", "-x", "120", "-y", "40", "--", *command, "run", "opus-1")
    fleet.wait_for(lambda: fleet.states()["opus-1"] == "idle")
    assert "there is none" in fleet.ops("agent", "attach", "opus-1").stderr
    outer = ["tmux", "-S", str(fleet.demo.folder / "o"), "-f", "/dev/null"]
    subprocess.run(
        [*outer, "new-session", "-d", "-x", "130", "-y", "42", "--", *command, "attach", "opus-1"],
        env=fleet.environment,
        check=True,
    )
    try:
        fleet.wait_for(lambda: "mine" in fleet.tmux("list-clients", "-F", "#{client_session}"))
    finally:
        subprocess.run([*outer, "kill-server"], env=fleet.environment, check=False)


def test_codex_is_seen_as_it_records_its_turns(all_agents: tuple[Fleet, SlowModel]) -> None:
    fleet, _ = all_agents
    folder = fleet.demo.agent("codex-1")
    with OtherModel(["while ! test -e go; do sleep 0.2; done"]) as model:
        (fleet.demo.home / ".codex").mkdir(exist_ok=True)
        trusted = f'sandbox_mode = "danger-full-access"\n[projects."{folder}"]\ntrust_level = "trusted"\n'
        top, _, provider = CODEX.format(model.url).partition("[")
        (fleet.demo.home / ".codex" / "config.toml").write_text(f"{top}{trusted}[{provider}")
        (fleet.demo.folder / "bin").mkdir()
        (fleet.demo.folder / "bin" / "codex").symlink_to(os.environ["OPS_E2E_CODEX"])
        fleet.environment |= {"PATH": f"{fleet.demo.folder / 'bin'}:{os.environ['PATH']}", "LOOP_KEY": "x"}
        started = fleet.ops("agent", "run", "--role", "codex", "--pause", "1")
        assert started.returncode == 0, started.stdout
        fleet.wait_for(lambda: "scripted" in fleet.tmux("capture-pane", "-p", "-t", "=ops-agents-platform:codex-1"))
        assert fleet.states()["codex-1"] == "running"
        fleet.press("codex-1", "go")
        fleet.wait_for(lambda: "go" in fleet.tmux("capture-pane", "-p", "-t", "=ops-agents-platform:codex-1"))
        fleet.press("codex-1", "Enter")
        fleet.wait_for(lambda: fleet.states()["codex-1"] == "busy")
        assert "left" in fleet.ops("agent", "stop", "codex-1").stdout
        (folder / "go").touch()
        fleet.wait_for(lambda: fleet.states()["codex-1"] == "idle")
