"""`agent_run` for agents in a real Docker engine: nothing is replaced, and nothing is started on the host."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.e2e.engine import IMAGE, docker, emptied, reach

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
    volumes: ['/usr:/usr:ro', '../test-1:/workspace']
"""


@pytest.fixture
def composed(fleet: DemoFleet) -> Path:
    compose = fleet.root / "Docker" / "docker-compose.yml"
    compose.write_text(COMPOSE)
    return compose


def ops(fleet: DemoFleet, reach: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mcp_server.cli", "--fleet", str(fleet.root), *words]
    environment = {**os.environ, **reach, "HOME": str(fleet.home), "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def run(fleet: DemoFleet, reach: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return ops(fleet, reach, "agent", "run", "test-1", "--", *words)


def started(reach: dict[str, str]) -> str:
    return docker(reach, "inspect", "--format={{.Id}} {{.State.StartedAt}}", *docker(reach, "ps", "--quiet").split())


def test_a_second_start_after_a_change_of_env_keeps_the_container_and_says_how_to_apply_it(
    fleet: DemoFleet, reach: dict[str, str], composed: Path
) -> None:
    first = run(fleet, reach, "sh", "-c", "echo $AGENT_NAME,$EXTRA")
    assert (first.returncode, first.stdout) == (0, "test-1,\n"), first.stderr
    assert "settings" not in first.stderr
    before = started(reach)
    env = fleet.agent("test-1") / ".env"
    env.write_text(env.read_text() + "\nEXTRA=new\n")
    second = run(fleet, reach, "sh", "-c", "echo $EXTRA; exit 5")
    assert (second.returncode, second.stdout) == (5, "\n")
    assert started(reach) == before
    assert "have changed since its container was made" in second.stderr
    apply = second.stderr.partition("ends whatever runs in it: ")[2].strip()
    subprocess.run(["sh", "-c", apply], env={**os.environ, **reach}, check=True, capture_output=True, timeout=60)
    third = run(fleet, reach, "sh", "-c", "echo $EXTRA")
    assert (third.stdout, "settings" in third.stderr) == ("new\n", False)


def test_a_stopped_container_is_started_as_it_is(fleet: DemoFleet, reach: dict[str, str], composed: Path) -> None:
    run(fleet, reach, "sh", "-c", "echo kept > /tmp/kept")
    docker(reach, "stop", "--time=0", *docker(reach, "ps", "--quiet").split())
    composed.write_text(COMPOSE + "    environment: {NEW: '1'}\n")
    again = run(fleet, reach, "cat", "/tmp/kept")
    assert again.stdout == "kept\n", again.stderr
    assert "keeps the old ones" in again.stderr


def test_the_override_file_is_read_as_compose_reads_it(
    fleet: DemoFleet, reach: dict[str, str], composed: Path
) -> None:
    override = composed.with_name("docker-compose.override.yml")
    override.write_text("services: {test-1: {environment: {FROM: override}}}\n")
    docker(reach, "compose", "--project-directory", str(composed.parent), "up", "--detach")
    done = run(fleet, reach, "sh", "-c", "echo $FROM")
    assert (done.stdout, done.stderr) == ("override\n", "")


@pytest.mark.parametrize("fault", ["broken", "none", "another service"])
def test_nothing_starts_without_its_service(
    fleet: DemoFleet, reach: dict[str, str], composed: Path, fault: str
) -> None:
    marker = fleet.folder / "started"
    program = fleet.folder / "claude"
    program.write_text(f"#!/bin/sh\ntouch {marker}\n")
    program.chmod(0o755)
    composed.unlink()
    if fault != "none":
        composed.write_text("services: [" if fault == "broken" else COMPOSE.replace("test-1:", "test-2:", 1))
    done = run(fleet, {**reach, "OPS_CLAUDE": str(program)})
    assert done.returncode == 1
    assert "test-1 is not started" in done.stderr
    assert not marker.exists()
    assert docker(reach, "ps", "--all", "--quiet") == ""


def test_the_engines_error_is_the_one_that_is_shown(fleet: DemoFleet, reach: dict[str, str], composed: Path) -> None:
    composed.write_text(COMPOSE.replace("'/usr:/usr:ro',", "'/usr:/usr:ro', '/nowhere:/usr/bin/sh/x',"))
    done = run(fleet, reach, "true")
    assert "Error response from daemon" in done.stderr
    assert "Creating" not in done.stderr
    assert done.returncode == 1
    (fleet.agent("test-1") / ".env").rename(fleet.agent("test-1") / ".env.old")
    assert "env file" in run(fleet, reach, "true").stderr


@pytest.mark.parametrize("has_ops", [True, False])
def test_the_helper_of_the_fleet_does_the_same(
    fleet: DemoFleet, reach: dict[str, str], composed: Path, has_ops: bool
) -> None:
    folder = fleet.folder / "bin"
    folder.mkdir()
    if has_ops:
        (folder / "ops").symlink_to(ROOT / "bin" / "ops")
    environment = {**os.environ, **reach, "HOME": str(fleet.home), "PATH": f"{folder}:{os.environ['PATH']}"}
    for word in ("one", "two"):
        done = subprocess.run(
            [str(composed.with_name("agent")), "test-1", "echo", word],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, f"{word}\n"), done.stderr
        (fleet.agent("test-1") / ".env").write_text(f"AGENT_NAME=test-1\nN={word}\n")
    assert len(docker(reach, "ps", "--all", "--quiet").split()) == 1
