"""`guard_check` on real clones, from a shell and with a file of lines."""

import json
import os
from pathlib import Path

import pytest

from mcp_server.cli.main import main
from mcp_server.demo.fleet import DemoFleet
from mcp_server.guard.check import GUARD_CHECK, GuardCheck
from mcp_server.server.wiring import context_of
from tests.fixtures.clones import clone_of, git, make_origin


def judged(fleet: DemoFleet, agent: str, command: str, cwd: str = "") -> str:
    context = context_of(os.environ, fleet.agent(agent), fleet=fleet.root)
    return GUARD_CHECK.run(context, GuardCheck(command=command, cwd=cwd)).rule


def test_the_branch_is_the_one_that_the_clone_is_on(fleet: DemoFleet) -> None:
    clone = fleet.agent("ops-1")
    git(clone, "switch", "--quiet", "main")
    assert judged(fleet, "ops-1", "git commit -m x") == "protected_branch"
    git(clone, "switch", "--quiet", "-C", "ops")
    assert judged(fleet, "ops-1", "git commit -m x") == "none"
    git(clone, "switch", "--quiet", "-C", "pm/x")
    assert judged(fleet, "ops-1", "git commit -m x") == "role_branch"


def test_the_folder_names_the_agent_and_another_clone_is_judged_by_its_own_branch(fleet: DemoFleet) -> None:
    git(fleet.agent("opus-1"), "switch", "--quiet", "main")
    assert judged(fleet, "pm-1", "gh pr merge 3") == "none"
    assert judged(fleet, "ops-1", "gh pr merge 3") == "merge"
    assert judged(fleet, "ops-1", "git -C ../opus-1 commit -m x") == "protected_branch"


def test_the_policy_is_read_from_the_fleet_file(fleet: DemoFleet) -> None:
    (fleet.root / "fleet.toml").write_text('[guard]\nprotected = ["main", "stable"]\nmergers = ["ops"]\n')
    assert judged(fleet, "ops-1", "git push origin stable") == "protected_branch"
    assert judged(fleet, "ops-1", "gh pr merge 3") == "none"


def test_a_linked_work_tree_is_judged_by_its_own_branch(tmp_path: Path) -> None:
    clone = clone_of(make_origin(tmp_path), tmp_path / "clone")
    git(clone, "switch", "--quiet", "-c", "ops")
    git(clone, "worktree", "add", "--quiet", str(tmp_path / "tree"), "main")
    context = context_of(os.environ, tmp_path / "tree")
    assert GUARD_CHECK.run(context, GuardCheck(command="git commit -m x")).rule == "protected_branch"


def test_a_repository_without_a_remote_is_not_guarded(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "scratch")
    context = context_of(os.environ, tmp_path / "scratch")
    assert GUARD_CHECK.run(context, GuardCheck(command="git commit -m x")).verdict == "allow"


def test_an_alias_of_the_clones_configuration_is_followed(fleet: DemoFleet) -> None:
    git(fleet.agent("ops-1"), "config", "alias.ship", "push origin HEAD:main")
    assert judged(fleet, "ops-1", "git ship") == "protected_branch"


def test_a_shell_gets_the_verdict_and_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--json", "guard", "check", "--", "git", "push", "origin", "main"]) == 1
    assert json.loads(capsys.readouterr().out)["verdict"] == "deny"
    assert main(["guard", "check", "--cwd", str(tmp_path), "--", "echo 'git push origin main'"]) == 0
    assert main(["guard", "check"]) == 2


def test_a_file_of_lines_gets_one_answer_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [
        {"command": "git commit -m x", "branch": "main"},
        {"command": "git commit -m x", "branch": "ops", "agent": "ops-1", "cwd": str(tmp_path / "gone")},
        {"command": "gh pr merge 4", "agent": "pm-1"},
    ]
    (tmp_path / "lines").write_text("\n".join(map(json.dumps, lines)) + "\nno document\n")
    assert main(["guard", "check", "--lines", "lines"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer.get("verdict") for answer in answers] == ["deny", "allow", "allow", None]
    assert answers[3]["error"]["kind"] == "invalid"
