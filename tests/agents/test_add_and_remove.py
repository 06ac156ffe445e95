"""`agent_add` makes a whole agent or nothing; `agent_remove` sets one aside whose work is all on origin."""

import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mcp_server.agents.add import AGENT_ADD, Added, AddParams
from mcp_server.agents.remove import AGENT_REMOVE, Removed, RemoveParams
from mcp_server.agents.run import AGENT_RUN, RunParams
from mcp_server.audit.fleet_audit import FLEET_AUDIT
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.errors import OpsError
from tests.agents.test_start import CANARY, context
from tests.agents.test_status import session


def add(fleet: DemoFleet, name: str, **options: str) -> Added:
    result: Added = AGENT_ADD.run(context(fleet), AddParams(name=name, **options))
    return result


def remove(fleet: DemoFleet, name: str, plan: str = "") -> Removed:
    result: Removed = AGENT_REMOVE.run(context(fleet), RemoveParams(name=name, plan=plan))
    return result


def kept(fleet: DemoFleet, name: str, plan: str = "") -> OpsError:
    """The refusal to remove an agent, which changes nothing."""
    with pytest.raises(OpsError) as caught:
        remove(fleet, name, plan)
    assert fleet.agent(name).is_dir()
    return caught.value


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def saved(fleet: DemoFleet) -> DemoFleet:
    """A fleet of which opus-1 has everything on origin."""
    git(fleet.agent("opus-1"), "switch", "--quiet", "main")
    return fleet


def test_a_plan_changes_nothing_and_what_it_shows_is_done(fleet: DemoFleet) -> None:
    (fleet.agent("opus-1") / ".env").write_text(f"AGENT_NAME=opus-1\nGH_TOKEN={CANARY}\n")
    planned = add(fleet, "opus-7")
    assert not fleet.agent("opus-7").exists()
    assert {step.state for step in planned.steps} == {"planned"}
    done = add(fleet, "opus-7", plan=planned.plan)
    assert {step.name: step.state for step in done.steps} == dict.fromkeys(
        ("clone", "env", "config", "hooks"), "done"
    )
    clone = fleet.agent("opus-7")
    assert (clone / ".env").read_text() == "AGENT_NAME=opus-7\n"
    assert (
        stat.S_IMODE((clone / ".env").stat().st_mode)
        == stat.S_IMODE((clone / ".claude.json").stat().st_mode)
        == 0o600
    )
    config: dict[str, Any] = json.loads((clone / ".claude.json").read_text())
    assert config["hasCompletedOnboarding"] is True
    assert json.loads(fleet.master.read_text()).items() <= config.items()
    assert git(clone, "status", "--porcelain") == ""
    assert any("GH_TOKEN" in line and CANARY not in line for line in done.by_hand)
    assert sorted(path.name for path in fleet.root.iterdir() if path.name.startswith(".ops")) == []
    audit = FLEET_AUDIT.run(context(fleet), FLEET_AUDIT.params.of({"agents": ["opus-7"]}))
    assert [finding.code for agent in audit.agents for finding in agent.findings] == []


def test_a_new_agent_is_ready_to_start(fleet: DemoFleet) -> None:
    add(fleet, "opus-7", plan=add(fleet, "opus-7").plan)
    with pytest.raises(OpsError, match="there is no `claude` on the PATH"):
        AGENT_RUN.run(context(fleet, PATH="/usr/bin:/bin"), RunParams(name="opus-7"))


def test_a_repository_that_ignores_nothing_gets_the_lines_in_its_own_exclude_file(fleet: DemoFleet) -> None:
    clone = fleet.agent("opus-1")
    git(clone, "switch", "--quiet", "main")
    git(clone, "rm", "--quiet", "--force", ".gitignore")
    git(clone, "commit", "--quiet", "--no-verify", "-m", "ignore nothing")
    git(clone, "push", "--quiet", "origin", "main")
    add(fleet, "opus-7", plan=add(fleet, "opus-7").plan)
    assert git(fleet.agent("opus-7"), "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("opus-1", {}, "exists already"),
        ("nobody", {}, "is no name of an agent"),
        ("../opus-9", {}, "is no name of an agent"),
        ("opus-7", {"plan": "0" * 16}, "is not the one of opus-7"),
        ("opus-7", {"origin": "https://me:word@example.org/x.git"}, "holds a password"),
    ],
)
def test_what_is_no_new_agent_is_refused(fleet: DemoFleet, name: str, options: dict[str, str], reason: str) -> None:
    with pytest.raises(OpsError, match=reason):
        add(fleet, name, **options)


def test_an_origin_that_is_not_there_leaves_nothing(fleet: DemoFleet) -> None:
    gone = str(fleet.folder / "gone.git")
    plan = add(fleet, "opus-7", origin=gone).plan
    before = sorted(path.name for path in fleet.root.iterdir())
    with pytest.raises(OpsError, match="git clone was refused"):
        add(fleet, "opus-7", origin=gone, plan=plan)
    assert sorted(path.name for path in fleet.root.iterdir()) == before


def test_with_a_broken_master_the_agent_is_there_and_the_rest_is_said(fleet: DemoFleet) -> None:
    fleet.master.write_text("{")
    done = add(fleet, "opus-7", plan=add(fleet, "opus-7").plan)
    assert [step.name for step in done.steps if step.state == "trouble"] == ["config"]
    assert done.next == next(step.next for step in done.steps if step.state == "trouble")


def test_a_fleet_without_a_master_gets_whole_agents_too(fleet: DemoFleet) -> None:
    fleet.master.unlink()
    done = add(fleet, "opus-7", plan=add(fleet, "opus-7").plan)
    assert AGENT_ADD.ok(done)
    assert json.loads((fleet.agent("opus-7") / ".claude.json").read_text()) == {"hasCompletedOnboarding": True}


def test_an_agent_whose_work_is_on_origin_is_set_aside_and_comes_back(saved: DemoFleet) -> None:
    plan = remove(saved, "opus-1")
    assert not plan.removed
    assert saved.agent("opus-1").is_dir()
    done = remove(saved, "opus-1", plan.plan)
    assert (done.removed, saved.agent("opus-1").exists(), done.to.is_dir()) == (True, False, True)
    assert context(saved).fleet.agent("opus-1") is None
    subprocess.run(["sh", "-c", done.undo], check=True)
    assert context(saved).fleet.agent("opus-1")


def test_a_plan_is_out_of_date_once_the_clone_has_moved(saved: DemoFleet) -> None:
    plan = remove(saved, "opus-1").plan
    git(saved.agent("opus-1"), "branch", "another")
    assert "is out of date" in kept(saved, "opus-1", plan).message


def test_work_that_is_nowhere_else_keeps_the_folder(saved: DemoFleet) -> None:
    clone = saved.agent("opus-1")
    plan = remove(saved, "opus-1").plan
    (clone / "notes.md").write_text("notes\n")
    assert "1 changed file" in kept(saved, "opus-1", plan).message
    git(clone, "stash", "--quiet", "--include-untracked")
    error = kept(saved, "opus-1", plan)
    assert "1 stash" in error.message
    assert error.next == f"git -C {clone} stash list"


def test_a_session_a_process_or_an_unknown_keeps_the_folder(saved: DemoFleet) -> None:
    with session(saved, "opus-1", {"status": "idle"}):
        error = kept(saved, "opus-1")
    assert "it is not stopped" in error.message
    assert error.next == "ops agent stop opus-1"
    with session(saved, "opus-1", {}, procStart="1") as pid:
        assert f"the process {pid} (sleep) works in it" in kept(saved, "opus-1").message
    saved.origin.rename(saved.folder / "moved.git")
    assert "origin does not answer" in kept(saved, "opus-1").message


def test_a_link_and_a_folder_that_is_no_clone_stay(saved: DemoFleet) -> None:
    clone = saved.agent("opus-1")
    clone.rename(saved.folder / "elsewhere")
    clone.symlink_to(saved.folder / "elsewhere")
    assert "it is a symbolic link" in kept(saved, "opus-1").message
    clone.unlink()
    clone.mkdir()
    (clone / ".env").write_text("AGENT_NAME=opus-1\n")
    assert "is not a git clone" in kept(saved, "opus-1").message


def test_a_docker_agent_is_removed_only_if_the_engine_says_that_it_does_not_run(saved: DemoFleet) -> None:
    nowhere = {"DOCKER_HOST": f"unix://{saved.folder}/nobody", "PATH": os.environ["PATH"]}
    with pytest.raises(OpsError, match="it is not stopped"):
        AGENT_REMOVE.run(context(saved, **nowhere), RemoveParams(name="test-1"))
