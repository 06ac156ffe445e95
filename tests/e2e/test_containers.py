"""`token_check` on a fleet whose testers run in a real Docker engine."""

import json
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.logins.check import TOKEN_CHECK, TokenCheck
from mcp_server.operation.operation import Params
from tests.e2e.engine import docker, emptied, reach, start
from tests.fixtures.logins import context

__all__ = ["emptied", "reach"]  # the fixtures
pytestmark = pytest.mark.e2e
CANARY = "canary-" + "x" * 40


def composed(fleet: DemoFleet, reach: dict[str, str], *options: str) -> None:
    """test-1, with the labels that Compose gives and the places that the fleet's compose file names."""
    labels = {"service": "test-1", "project.config_files": str(fleet.root / "Docker" / "docker-compose.yml")}
    named = [f"--label=com.docker.compose.{name}={value}" for name, value in labels.items()]
    places = ["-e=CLAUDE_CONFIG_DIR=/workspace", "-e=CLAUDE_SECURESTORAGE_CONFIG_DIR=/login"]
    start(reach, *named, *places, f"-v={fleet.agent('test-1')}:/workspace", *options)


def check(fleet: DemoFleet, reach: dict[str, str]) -> TokenCheck:
    answer = TOKEN_CHECK.run(context(fleet, **reach), Params())
    assert isinstance(answer, TokenCheck)
    assert "canary" not in repr(answer)
    return answer


def test_a_container_as_the_compose_file_describes_it_is_well(fleet: DemoFleet, reach: dict[str, str]) -> None:
    composed(fleet, reach, f"-v={fleet.store}:/login")
    answer = check(fleet, reach)
    assert (answer.hazards, answer.unknown, answer.next) == ((), (), None)
    assert "test-1" in answer.stores[0].agents


def test_a_single_file_mount_is_told_and_is_what_it_is_told_to_be(fleet: DemoFleet, reach: dict[str, str]) -> None:
    store = fleet.store / ".credentials.json"
    composed(fleet, reach, f"-v={store}:/login/.credentials.json")
    (hazard,) = check(fleet, reach).hazards
    assert (hazard.code, hazard.agents) == ("single_file_mount", ("test-1",))
    old = store.read_text()
    renewed = store.with_suffix(".new")
    renewed.write_text("renewed")
    renewed.replace(store)  # as Claude Code writes
    assert docker(reach, "exec", "agents-test-1", "cat", "/login/.credentials.json") == old


def test_a_read_only_mount_and_a_key_in_a_container_are_told(fleet: DemoFleet, reach: dict[str, str]) -> None:
    composed(fleet, reach, f"-v={fleet.store}:/login:ro", f"-e=ANTHROPIC_API_KEY={CANARY}", "-e=GH_TOKEN=made-up")
    assert {hazard.code for hazard in check(fleet, reach).hazards} == {"read_only_mount", "shadowed_login"}
    docker(reach, "stop", "--time=0", "agents-test-1")
    assert {hazard.code for hazard in check(fleet, reach).hazards} == {"read_only_mount", "shadowed_login"}


def test_a_container_with_a_store_of_its_own_is_looked_at_there(
    fleet: DemoFleet, reach: dict[str, str], tmp_path: Path
) -> None:
    composed(fleet, reach, f"-v={tmp_path}:/login")
    assert "test-1" not in check(fleet, reach).stores[0].agents
    assert (tmp_path, "absent", ("test-1",)) in [(s.folder, s.state, s.agents) for s in check(fleet, reach).stores]


def test_a_config_inside_the_container_is_asked_for_its_onboarding(
    fleet: DemoFleet, reach: dict[str, str], tmp_path: Path
) -> None:
    composed(fleet, reach, f"-v={fleet.store}:/login", "-e=CLAUDE_CONFIG_DIR=/etc")
    config = tmp_path / ".claude.json"
    for done, codes in ((False, ["no_onboarding"]), (True, [])):
        config.write_text(json.dumps({"hasCompletedOnboarding": done, "primaryApiKey": CANARY}))
        docker(reach, "cp", str(config), "agents-test-1:/etc/.claude.json")
        found = check(fleet, reach).hazards
        assert [hazard.code for hazard in found] == codes
        assert all("agents-test-1:/etc/.claude.json" in hazard.message for hazard in found)
    docker(reach, "stop", "--time=0", "agents-test-1")
    assert check(fleet, reach).hazards == ()


def test_an_engine_that_is_not_there_is_said_and_is_no_hazard(fleet: DemoFleet, tmp_path: Path) -> None:
    answer = check(fleet, {"DOCKER_HOST": f"unix://{tmp_path}/nobody"})
    assert answer.hazards == ()
    assert "the container engine was not asked: " in answer.unknown[0]
