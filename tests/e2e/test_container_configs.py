"""`config_sync` on the three agents whose Claude Code runs in a real Docker engine, and `agent_run` into one."""

import json
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from mcp_server.configs.plan import CONFIG_PLAN, ConfigPlan, PlanParams
from mcp_server.configs.sync import CONFIG_SYNC, ConfigSync, SyncParams
from mcp_server.server.wiring import context_of
from tests.e2e.engine import IMAGE, docker, reach
from tests.fixtures.configs import MASTER, OWN, ConfigFleet, configs, write

__all__ = ["configs", "reach"]  # the fixtures
pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]
COMMON = f"image: {IMAGE}\n    network_mode: none\n    command: [sleep, '600']\n"
COMPOSE = f"""
services:
  test-1:
    {COMMON}    environment: {{CLAUDE_CONFIG_DIR: /workspace}}
    volumes: ['/usr:/usr:ro', '../test-1:/workspace']
  test-2:
    {COMMON}    volumes: ['/usr:/usr:ro']
    environment: {{HOME: /workspace, ANTHROPIC_API_KEY: made-up}}
  human-1:
    {COMMON}    volumes: ['/usr:/usr:ro']
    environment: {{CLAUDE_CONFIG_DIR: /workspace}}
  test-3:
    {COMMON}    volumes: ['/usr:/usr:ro', '../test-3/.claude.json:/root/.claude.json']
"""


@pytest.fixture
def fleet(configs: ConfigFleet, reach: dict[str, str]) -> Generator[ConfigFleet]:
    """test-1 runs and mounts its folder, test-2 runs with a config of its own inside, human-1 is stopped; test-3 runs
    and mounts the file alone."""
    (configs.root / "Docker" / "docker-compose.yml").write_text(COMPOSE)
    for agent in ("test-1", "test-2", "human-1", "test-3"):
        write(configs.path(agent), OWN)
        subprocess.run(["git", "init", "-q", str(configs.path(agent).parent)], check=True)
    compose = ["compose", "-f", str(configs.root / "Docker" / "docker-compose.yml")]
    docker(reach, *compose, "up", "--detach", "test-1", "test-2", "test-3")
    docker(reach, *compose, "create", "human-1")
    for agent in ("test-2", "human-1"):
        docker(reach, "cp", "--archive", str(configs.path(agent)), f"{name_of(reach, agent)}:/workspace/.claude.json")
    yield configs
    docker(reach, *compose, "down", "--timeout=0")


def name_of(reach: dict[str, str], agent: str) -> str:
    return docker(
        reach, "ps", "--all", f"--filter=label=com.docker.compose.service={agent}", "--format={{.Names}}"
    ).strip()


def inside(reach: dict[str, str], agent: str, folder: Path) -> dict[str, Any]:
    docker(reach, "cp", f"{name_of(reach, agent)}:/workspace/.claude.json", str(folder / "out.json"))
    found: dict[str, Any] = json.loads((folder / "out.json").read_bytes())
    return found


def plan(fleet: ConfigFleet, reach: dict[str, str]) -> ConfigPlan:
    result: ConfigPlan = CONFIG_PLAN.run(
        context_of({**os.environ, **reach}, fleet.root, fleet=fleet.root), PlanParams()
    )
    return result


def sync(fleet: ConfigFleet, reach: dict[str, str]) -> ConfigSync:
    params = SyncParams(plan=plan(fleet, reach).plan)
    result: ConfigSync = CONFIG_SYNC.run(context_of({**os.environ, **reach}, fleet.root, fleet=fleet.root), params)
    return result


def test_every_agent_is_brought_in_step_where_its_client_reads(
    fleet: ConfigFleet, reach: dict[str, str], tmp_path: Path
) -> None:
    file = (
        name_of(reach, "test-2"),
        "sh",
        "-c",
        "cd /workspace && chown 1000:1001 .claude.json && chmod 640 .claude.json",
    )
    docker(reach, "exec", *file)
    done = sync(fleet, reach)
    stat = docker(reach, "exec", name_of(reach, "test-2"), "stat", "-c", "%u %g %a", "/workspace/.claude.json")
    assert stat.strip() == "1000 1001 640"
    assert {row.agent: row.state for row in done.agents} == dict.fromkeys(
        ["human-1", "opus-1", "opus-2", "pm-1", "test-1", "test-2", "test-3"], "applied"
    ), CONFIG_SYNC.text(done)
    assert fleet.read("test-1") == {**OWN, **MASTER}
    for agent in ("test-1", "test-2", "human-1"):
        assert inside(reach, agent, tmp_path) == {**OWN, **MASTER}
    assert [fleet.read(agent) for agent in ("test-2", "human-1")] == [OWN, OWN], "nobody reads these"
    assert docker(reach, "exec", name_of(reach, "test-2"), "ls", "-A", "/workspace").split() == [".claude.json"]
    assert {row.state for row in sync(fleet, reach).agents} == {"unchanged"}
    backups = {row.agent: row.backup for row in done.agents}
    assert all(path and json.loads(path.read_bytes()) == OWN for path in backups.values())


def test_a_config_mounted_by_itself_is_the_new_one_inside_and_one_that_was_replaced_is_told(
    fleet: ConfigFleet, reach: dict[str, str]
) -> None:
    sync(fleet, reach)
    read = ("exec", name_of(reach, "test-3"), "cat", "/root/.claude.json")
    assert json.loads(docker(reach, *read)) == fleet.read("test-3") == {**OWN, **MASTER}
    assert docker(reach, "exec", name_of(reach, "test-3"), "ls", "-A", "/root").split() == [".claude.json"]
    new = fleet.path("test-3").with_name("new")
    write(new, OWN)
    new.replace(fleet.path("test-3"))
    row = next(row for row in plan(fleet, reach).agents if row.agent == "test-3")
    assert row.state == "unreadable"
    assert row.problem
    assert row.problem.next.endswith(f"docker restart {name_of(reach, 'test-3')}")
    docker(reach, "restart", "--time=0", name_of(reach, "test-3"))
    assert json.loads(docker(reach, *read)) == OWN
    assert next(row.state for row in plan(fleet, reach).agents if row.agent == "test-3") == "drifted"


def test_a_lock_left_in_a_container_is_waited_for_and_then_taken_over(
    fleet: ConfigFleet, reach: dict[str, str], tmp_path: Path
) -> None:
    docker(reach, "exec", name_of(reach, "test-2"), "mkdir", "/workspace/.claude.json.lock")
    assert {row.state for row in sync(fleet, reach).agents} == {"applied"}
    assert inside(reach, "test-2", tmp_path) == {**OWN, **MASTER}


def test_a_container_without_a_config_does_not_stop_the_others(fleet: ConfigFleet, reach: dict[str, str]) -> None:
    docker(reach, "exec", name_of(reach, "test-2"), "rm", "/workspace/.claude.json")
    done = {row.agent: row for row in sync(fleet, reach).agents}
    assert done.pop("test-2").state == "refused"
    assert {row.state for row in done.values()} == {"applied"}


def test_a_rollback_reaches_into_the_containers(fleet: ConfigFleet, reach: dict[str, str], tmp_path: Path) -> None:
    sync(fleet, reach)
    command = [sys.executable, "-m", "mcp_server.cli", "--fleet", str(fleet.root), "config", "rollback"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **reach}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for agent in ("test-1", "test-2", "human-1"):
        assert inside(reach, agent, tmp_path) == OWN


def test_an_agent_in_a_container_is_entered_through_compose_without_the_key(
    fleet: ConfigFleet, reach: dict[str, str]
) -> None:
    for agent in ("test-2", "human-1"):
        (fleet.path(agent).parent / ".git" / "info" / "exclude").write_text(
            ".env\n.claude.json*\n.credentials.json\n"
        )
        command = [sys.executable, "-m", "mcp_server.cli", "--fleet", str(fleet.root), "agent", "run", agent]
        done = subprocess.run(
            [*command, "--", "sh", "-c", "echo $AGENT_NAME,$ANTHROPIC_API_KEY,; exit 5"],
            cwd=ROOT,
            env={**os.environ, **reach},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.returncode) == (f"{agent},,\n", 5), done.stderr
