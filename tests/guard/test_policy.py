"""The same line judged for different roles, branches and policies."""

import pytest

from mcp_server.kernel.policy import Policy
from tests.guard.repositories import verdict


@pytest.mark.parametrize(
    "command", ["git commit -m x", "git push", "git push origin HEAD", "git merge ops", "git reset --hard HEAD~1"]
)
def test_own_work_does_not_reach_main(command: str) -> None:
    assert verdict(command, "main").rule == "protected_branch"
    assert verdict(command, "ops").verdict == "allow"


@pytest.mark.parametrize(
    "command",
    [
        "git pull",
        "git pull origin main",
        "git fetch origin && git merge --ff-only origin/main",
        "git reset --hard origin/main",
        "git switch -c ops && git commit -m x && git push -u origin ops",
        "git status && git diff && git stash",
        "git reset README.md",
    ],
)
def test_a_clone_on_main_can_follow_origin_and_leave(command: str) -> None:
    assert verdict(command, "main").verdict == "allow"


def test_a_role_works_on_its_own_branches() -> None:
    assert verdict("git push origin HEAD", "pm/board").rule == "role_branch"
    assert verdict("git push origin HEAD", "pm/board", "pm").verdict == "allow"
    assert verdict("git push origin HEAD", "ops-2").verdict == "allow"
    assert verdict("git push origin HEAD", "anything", "human").verdict == "allow"
    assert verdict("git push origin HEAD", "anything", None).verdict == "allow"


def test_the_pm_merges_the_work_of_others_by_the_rules() -> None:
    assert verdict("gh pr merge 12 --squash", "pm", "pm").verdict == "allow"
    assert verdict("gh pr merge ops", "pm", "pm").verdict == "allow"
    assert verdict("gh pr merge pm/board", "pm", "pm").rule == "merge"
    assert verdict("gh pr merge 12", "pm", "pm", Policy(branches={"pm": ("1*",)})).verdict == "allow"
    assert verdict("gh pr merge", "pm", "pm").rule == "merge"
    assert verdict("gh pr merge 12 --admin", "pm", "pm").rule == "merge_rules"
    assert verdict("gh pr merge 12", "ops", None).rule == "merge"


def test_an_alias_of_the_clone_is_followed() -> None:
    assert verdict("git sneak").rule == "protected_branch"


def test_a_fleet_can_have_its_own_policy() -> None:
    policy = Policy(protected=("trunk",), mergers=("qa",), branches={"ops": ("work/*",)})
    assert verdict("git push origin main", "work/x", "ops", policy).rule == "role_branch"
    assert verdict("git push origin trunk", "work/x", "ops", policy).rule == "protected_branch"
    assert verdict("git push", "work/x", "ops", policy).verdict == "allow"
    assert verdict("gh pr merge 3", "work/x", "pm", policy).rule == "merge"


def test_a_reason_says_what_is_allowed_instead() -> None:
    assert "Work on ops" in verdict("git push origin main").reason
    assert "pm agent" in verdict("gh pr merge 3").reason


@pytest.mark.parametrize("depth", [5, 60])
def test_a_deeply_nested_line_is_not_let_through(depth: int) -> None:
    line = "git push origin main"
    for _ in range(depth):
        line = f"eval $(echo {line})"
    assert verdict(line).verdict != "allow"
