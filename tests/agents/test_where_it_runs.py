"""An agent that may belong in a container never starts on the host, and a container that runs is never replaced."""

import stat
from pathlib import Path

import pytest

from mcp_server.agents.env import AGENT_ENV, EnvParams
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.errors import OpsError
from tests.agents.test_start import context, env, run

BROKEN = {
    "none": None,
    "empty": "",
    "no YAML": "services:\n  test-1: [\n",
    "a mistyped key": "service:\n  test-1:\n    image: x\n",
    "a mistyped service": "services:\n  tset-1:\n    image: x\n",
    "a service in another": "services:\n  test-2:\n    image: x\n    test-1:\n      image: x\n",
    "a list": "services:\n- test-1\n",
    "commented out": "services:\n  # test-1:\n  test-2:\n    image: x\n",
    "with tabs": "services:\n\ttest-1:\n\t\timage: x\n",
}


def compose(fleet: DemoFleet) -> Path:
    return fleet.root / "Docker" / "docker-compose.yml"


def refusal(fleet: DemoFleet, name: str) -> OpsError:
    with pytest.raises(OpsError) as caught:
        run(fleet, name)
    with pytest.raises(OpsError):
        AGENT_ENV.run(context(fleet), EnvParams(name=name))
    return caught.value


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_a_compose_file_without_its_service_starts_nothing(own_demo_fleet: DemoFleet, text: str | None) -> None:
    compose(own_demo_fleet).unlink()
    if text is not None:
        compose(own_demo_fleet).write_text(text)
    error = refusal(own_demo_fleet, "test-1")
    assert "test-1 is not started: whether it runs in Docker is not known, as " in error.message
    assert run(own_demo_fleet, "opus-1").command[0] == "claude"


def test_the_next_step_starts_it_on_the_host_if_a_human_wants_that(own_demo_fleet: DemoFleet) -> None:
    compose(own_demo_fleet).unlink()
    error = refusal(own_demo_fleet, "test-1")
    table, _, key = error.next.partition("[agents.test-1] ")[2].partition(" = ")
    fleet_file = own_demo_fleet.root / "fleet.toml"
    fleet_file.write_text(fleet_file.read_text() + f"[agents.test-1]\n{table} = {key}\n")
    assert run(own_demo_fleet, "test-1").command[0] == "claude"


@pytest.mark.parametrize("name", ["sandbox-1", "worker-2"])
def test_other_names_are_found_in_the_file_and_by_their_role(own_demo_fleet: DemoFleet, name: str) -> None:
    own_demo_fleet.agent("dba-1").rename(own_demo_fleet.agent(name))
    assert run(own_demo_fleet, name).command[0] == "claude"
    compose(own_demo_fleet).write_text("services:\n  sandbx-1:\n    image: x\n  worker-1:\n    image: x\n")
    assert "has no service" in refusal(own_demo_fleet, name).message


@pytest.mark.parametrize("way", ["a folder", "a link that leads nowhere", "bytes"])
def test_a_file_that_cannot_be_read_as_text_starts_nobody(own_demo_fleet: DemoFleet, way: str) -> None:
    file = compose(own_demo_fleet)
    file.rename(file.with_suffix(".old"))
    if way == "a folder":
        file.mkdir()
    elif way == "a link that leads nowhere":
        file.symlink_to(file.with_suffix(".gone"))
    else:
        file.write_bytes(b"\xff\xfe")
    for name in ("test-1", "opus-1"):
        assert str(file.parent) in refusal(own_demo_fleet, name).message


def test_a_compose_file_that_is_a_link_is_read(own_demo_fleet: DemoFleet) -> None:
    file = compose(own_demo_fleet)
    file.symlink_to(file.rename(file.with_suffix(".real")))
    assert env(own_demo_fleet, "test-1").command[:2] == ("docker", "compose")


def test_a_compose_file_that_is_named_and_missing_starts_nobody(own_demo_fleet: DemoFleet) -> None:
    fleet_file = own_demo_fleet.root / "fleet.toml"
    fleet_file.write_text(fleet_file.read_text() + '[fleet]\ncompose = "Docker/compose.yaml"\n')
    assert refusal(own_demo_fleet, "opus-1").kind == "invalid"


def docker(folder: Path, answers: str) -> str:
    """A stand-in for the `docker` client: what a real engine says is tried in tests/e2e."""
    program = folder / "docker"
    program.write_text(f"#!/bin/sh\n{answers}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return f"{folder}:/usr/bin:/bin"


def test_dockers_own_reason_is_told_and_not_its_progress(own_demo_fleet: DemoFleet, tmp_path: Path) -> None:
    path = docker(
        tmp_path,
        'case "$*" in *" up "*) echo " Container x  Creating" >&2; '
        'echo "Error response from daemon: no space left" >&2; exit 1;; esac',
    )
    with pytest.raises(OpsError, match="Error response from daemon: no space left") as caught:
        run(own_demo_fleet, "test-1", PATH=path)
    assert caught.value.next.endswith(
        f"docker compose --file {compose(own_demo_fleet)} up --detach --no-recreate test-1"
    )
    assert "Creating" not in caught.value.message


def test_a_container_that_ends_at_once_is_not_entered(own_demo_fleet: DemoFleet, tmp_path: Path) -> None:
    with pytest.raises(OpsError, match="ended at once") as caught:
        run(own_demo_fleet, "test-1", PATH=docker(tmp_path, "exit 0"))
    assert "logs --tail 20 test-1" in caught.value.next
