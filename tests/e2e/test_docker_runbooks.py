"""What the pages about containers say is so in a real Docker engine, and what they say to do mends it."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.e2e.engine import IMAGE, docker, emptied, reach, start
from tests.rules.runbook_pages import PAGES, run, steps

__all__ = ["emptied", "reach"]  # the fixtures
pytestmark = pytest.mark.e2e
COMPOSE = f"""
services:
  test-1:
    image: {IMAGE}
    container_name: agents-test-1
    network_mode: none
    user: '0:0'
    command: [sleep, '600']
    volumes:
      - /usr:/usr:ro
      - ../test-1:/workspace
      - LOGIN
"""


def refused(reach: dict[str, str], *options: str) -> str:
    """What Docker says where it does not start a container."""
    with pytest.raises(AssertionError) as caught:
        start(reach, *options)
    return str(caught.value)


def report(page: str, section: str, number: int, fleet: DemoFleet, about: Mapping[str, str]) -> str:
    """What a step of a page prints; exit code 1 is an answer."""
    done = run(steps(page, section)[number], fleet, about)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def is_symptom(page: str, output: str) -> bool:
    """Whether a symptom of the page stands in what was said, names left out."""
    bare = re.sub(r' "[^"]*"', "", output)
    return any(symptom in bare for symptom in PAGES[page].symptoms)


def test_a_name_that_is_taken_is_freed_by_renaming(fleet: DemoFleet, reach: dict[str, str]) -> None:
    start(reach)
    docker(reach, "stop", "--time=0", "agents-test-1")
    assert is_symptom("container-wont-start", refused(reach))
    assert "agents-test-1" in report("container-wont-start", "Diagnosis", 0, fleet, reach)
    docker(reach, "rename", "agents-test-1", "agents-test-1-old")
    start(reach)
    after = report("container-wont-start", "Verification", 0, fleet, reach)
    assert re.search(r"^agents-test-1 +Up", after, re.MULTILINE)
    assert re.search(r"^agents-test-1-old +Exited \(137\)", after, re.MULTILINE)


def test_a_mount_that_leads_nowhere_is_told_or_made_empty(
    fleet: DemoFleet, reach: dict[str, str], tmp_path: Path
) -> None:
    output = refused(reach, f"--mount=type=bind,source={tmp_path}/gone,target=/workspace")
    assert is_symptom("container-wont-start", output)
    docker(reach, "rm", "--force", "agents-test-1")
    start(reach, f"-v={tmp_path}/gone:/workspace")
    assert list((tmp_path / "gone").iterdir()) == []


def test_a_container_that_ends_says_why_whichever_way_it_said_so(fleet: DemoFleet, reach: dict[str, str]) -> None:
    start(reach, command="echo to one; echo to the other >&2; exit 1")
    docker(reach, "wait", "agents-test-1")
    assert is_symptom("container-wont-start", report("container-wont-start", "Diagnosis", 0, fleet, reach))
    last = report("container-wont-start", "Resolution", 0, fleet, {**reach, "NAME": "agents-test-1"})
    assert "to one" in last
    assert "to the other" in last


def test_without_an_engine_the_look_says_so(fleet: DemoFleet, reach: dict[str, str], tmp_path: Path) -> None:
    nowhere = {**reach, "DOCKER_HOST": f"unix://{tmp_path}/s"}
    assert is_symptom("container-wont-start", refused(nowhere))
    assert run(steps("container-wont-start", "Diagnosis")[0], fleet, nowhere).returncode == 1


def test_a_single_file_shows_its_old_text_until_its_folder_is_mounted(
    fleet: DemoFleet, reach: dict[str, str]
) -> None:
    compose = fleet.root / "Docker" / "docker-compose.yml"
    login = fleet.store / ".credentials.json"
    compose.write_text(COMPOSE.replace("LOGIN", f"{login}:/login/.credentials.json"))
    up = ("compose", "-f", str(compose), "up", "--detach")
    docker(reach, *up)
    renewed = login.with_suffix(".new")
    renewed.write_text(login.read_text() + "\n")
    renewed.replace(login)
    compose.write_text(compose.read_text() + "    env_file: ../gone/.env\n")
    with pytest.raises(AssertionError, match="env file") as caught:
        docker(reach, *up)
    assert is_symptom("container-wont-start", re.sub(r"/\S+ ", "", str(caught.value)))
    inside = ("exec", "agents-test-1", "wc", "-c", "/login/.credentials.json")
    old = docker(reach, *inside)
    assert int(old.split()[0]) == login.stat().st_size - 1
    assert str(login) in report("bind-mount-stale", "Diagnosis", 0, fleet, reach)
    for page, number in (("bind-mount-stale", 1), ("container-login", 1)):
        assert "single_file_mount" in report(page, "Diagnosis", number, fleet, reach)
    compose.write_text(COMPOSE.replace("LOGIN", f"{fleet.store}:/login"))
    assert "single_file_mount" in report("container-login", "Diagnosis", 1, fleet, reach), "it runs as it was made"
    docker(reach, *up)
    assert int(docker(reach, *inside).split()[0]) == login.stat().st_size
    assert "single_file_mount" not in report("container-login", "Verification", 0, fleet, reach)


def test_a_clone_that_was_made_anew_is_younger_than_the_container_that_cannot_see_it(
    fleet: DemoFleet, reach: dict[str, str], tmp_path: Path
) -> None:
    clone, about = fleet.agent("test-1"), {**reach, "AGENT": "test-1", "NAME": "agents-test-1"}
    start(reach, f"-v={clone}:/workspace", "--workdir=/workspace")
    aside = clone.rename(clone.with_name("aside"))
    subprocess.run(["git", "clone", "--quiet", str(aside), str(clone)], check=True)
    docker(reach, "exec", "agents-test-1", "sh", "-c", "echo work > only-copy.md")
    assert (aside / "only-copy.md").read_text() == "work\n"
    born, started = (report("bind-mount-stale", "Diagnosis", n, fleet, about).strip() for n in (2, 3))
    assert born.split("born ")[1][:19] >= started[:19].replace("T", " ")
    docker(reach, "cp", "agents-test-1:/workspace/.", str(tmp_path / "copied"))
    assert not (tmp_path / "copied" / "only-copy.md").exists(), "it copies the new folder"
    assert "only-copy.md" in docker(
        reach, "exec", "-w=/", "agents-test-1", "tar", "-C/workspace", "-cf-", "only-copy.md"
    )
    shutil.rmtree(aside)
    ended = subprocess.run(
        ["docker", "exec", "agents-test-1", "ls"],
        env={**os.environ, **reach},
        capture_output=True,
        text=True,
        check=False,
    )
    assert is_symptom("bind-mount-stale", ended.stdout + ended.stderr)
    assert docker(reach, "exec", "-w=/", "agents-test-1", "ls", "-A", "/workspace") == ""


def test_files_of_a_container_that_ran_as_another_user_are_found(fleet: DemoFleet, reach: dict[str, str]) -> None:
    clone, about = fleet.agent("test-1"), {**reach, "AGENT": "test-1"}
    clone.chmod(0o777)
    start(reach, f"-v={clone}:/workspace", "--user=4711:4711", command="mkdir -p /workspace/made/deep && sleep 600")
    for _ in range(100):
        if (clone / "made" / "deep").exists():
            break
        docker(reach, "exec", "agents-test-1", "true")
    found = report("files-of-another-user", "Diagnosis", 0, fleet, about)
    assert found == "4711 test-1/made\n"
    subprocess.run(["chown", "-R", "--no-dereference", "root:", str(clone / "made")], check=True)
    assert report("files-of-another-user", "Verification", 0, fleet, about) == ""
