"""A release walked as a checklist, in real clones with real tags: checks that ops runs, steps that somebody does."""

from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from mcp_server.kernel.commit_message import Commit
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.markdown.page import read_page
from mcp_server.records.release import changes, checklist, next_version
from mcp_server.records.release_plan import RELEASE_PLAN, PlanParams, ReleasePlan
from mcp_server.records.release_step import RELEASE_STEP, ReleaseStep, StepParams
from mcp_server.records.timeline import entries_in
from tests.fixtures.logins import context

PAGE = """# Releasing

The PM publishes.

1. `main` is green.

   ```sh read-only
   test -e green && echo "all of {key} is well"
   ```

2. The migrations ran on the standby.

   ```sh
   touch migrated
   ```

## Publishing

- [ ] Tag and deploy.
"""
KEY = "sk-" + "ant-" + "oat01-" + "c" * 30


@pytest.fixture
def clone(fleet: DemoFleet) -> Path:
    """ops-1, with a checklist of three steps; origin has the tag v1.4.2 and three commits after it."""
    clone = fleet.agent("ops-1")
    (clone / "docs" / "support" / "releasing.md").write_text(PAGE.replace("{key}", KEY))
    git(clone, "tag", "v1.4.2", "origin/main")
    push(clone, "feat(queue): retry with jitter", "chore: tidy", "fix: a job that *never* ended")
    git(clone, "push", "--quiet", "origin", "v1.4.2")
    return clone


def push(clone: Path, *subjects: str) -> None:
    """Commits on origin's main, made in a work tree that goes away: the clone stays on its branch."""
    work = clone.parent.parent / "work"
    git(clone, "fetch", "--quiet", "origin")
    git(clone, "worktree", "add", "--quiet", "--detach", str(work), "origin/main")
    for subject in subjects:
        git(work, "commit", "--quiet", "--allow-empty", "--message", subject)
    git(work, "push", "--quiet", "origin", "HEAD:main")
    git(clone, "worktree", "remove", str(work))


def plan(fleet: DemoFleet, version: str = "") -> ReleasePlan:
    answer = RELEASE_PLAN.run(context(fleet, caller="ops-1"), PlanParams(version=version))
    assert isinstance(answer, ReleasePlan)
    return answer


def step(fleet: DemoFleet, done: str = "", caller: str = "ops-1", plan_of: str | None = None) -> ReleaseStep:
    params = StepParams(plan=plan_of or plan(fleet).plan, done=done)
    answer = RELEASE_STEP.run(context(fleet, caller=caller), params)
    assert isinstance(answer, ReleaseStep)
    assert KEY not in repr(answer) + RELEASE_STEP.text(answer)
    return answer


def test_the_version_and_the_changes_follow_from_the_commits_since_the_last_tag(
    fleet: DemoFleet, clone: Path
) -> None:
    answer = plan(fleet)
    assert (answer.version, answer.base) == ("v1.5.0", "v1.4.2")
    assert answer.commit == git(clone, "rev-parse", "origin/main").strip()
    assert answer.changes.splitlines()[0] == "### Added"
    assert "retry with jitter" in answer.changes
    assert "tidy" not in answer.changes
    assert [(item.number, item.state, bool(item.check)) for item in answer.steps] == [
        (1, "open", True),
        (2, "open", False),
        (3, "open", False),
    ]
    assert answer.next == f"Run its check: ops release step --version v1.5.0 --plan {answer.plan}"
    assert plan(fleet, "v2.0.0").version == "v2.0.0"
    assert git(clone, "status", "--porcelain", "docs").split() == ["M", "docs/support/releasing.md"]


def test_it_stops_at_the_first_failed_step_and_records_who_did_what(fleet: DemoFleet, clone: Path) -> None:
    failed = step(fleet)
    assert (failed.step.state, RELEASE_STEP.ok(failed)) == ("failed", False)
    assert failed.next.startswith("Correct what failed, then: ops release step --version v1.5.0 --plan ")
    (clone / "green").touch()
    passed = step(fleet)
    assert (passed.step.number, passed.step.state, "all of" in passed.output) == (1, "passed", True)
    with pytest.raises(OpsError, match="step 2 is done by hand") as by_hand:
        step(fleet)
    assert '--done "WHAT WAS DONE"' in by_hand.value.next
    assert not (clone / "migrated").exists()
    assert step(fleet, "ran on the standby, 3 s").step.by == "ops-1"
    over = step(fleet, "tagged by the human")
    assert over.next.startswith("The human or the PM publishes: git -C ")
    answer = plan(fleet)
    assert answer.tag
    assert f"tag -a v1.5.0 {answer.commit}" in answer.tag
    assert git(clone, "tag", "--list", "v1.5.0") == ""
    entries = entries_in(read_page(over.path.read_text()))
    assert [(entry.author, entry.mark) for entry in entries] == [
        ("ops-1", mark) for mark in ("begun", "step 1 failed", "step 1 passed", "step 2 done", "step 3 done")
    ]
    assert KEY not in over.path.read_text()
    with pytest.raises(OpsError, match=r"every step of v1\.5\.0 is done"):
        step(fleet, "once more")


def test_only_the_planned_step_is_taken(fleet: DemoFleet, clone: Path) -> None:
    seen = plan(fleet).plan
    page = clone / "docs" / "support" / "releasing.md"
    page.write_text(page.read_text().replace("test -e green", "touch planted"))
    with pytest.raises(OpsError, match="is out of date"):
        step(fleet, plan_of=seen)
    assert not (clone / "planted").exists()
    step(fleet)
    page.write_text(page.read_text() + "- [ ] One more.\n")
    with pytest.raises(OpsError, match="has changed since") as changed:
        plan(fleet)
    assert changed.value.next.startswith("Begin again: mv ")


@pytest.mark.parametrize("command", ["git push origin main", "git commit --no-verify -m x && git push"])
def test_a_check_that_the_guard_denies_is_not_run(fleet: DemoFleet, clone: Path, command: str) -> None:
    page = clone / "docs" / "support" / "releasing.md"
    page.write_text(page.read_text().replace("test -e green", command))
    with pytest.raises(OpsError, match="step 1: ") as denied:
        step(fleet)
    assert denied.value.kind == "denied"
    assert not (clone / "docs" / "support" / "releases").exists()


def test_a_clone_that_lacks_tags_or_commits_of_origin_must_fetch(fleet: DemoFleet, clone: Path) -> None:
    other = fleet.agent("pm-1")
    push(other, "fix: by somebody else")
    with pytest.raises(OpsError, match="lacks the last commits of main") as stale:
        plan(fleet)
    git(clone, *stale.value.next.split()[3:])
    assert plan(fleet).version == "v1.5.0"
    git(other, "tag", "v1.5.0", "origin/main")
    git(other, "push", "--quiet", "origin", "v1.5.0")
    with pytest.raises(OpsError, match=r"lacks the tag v1\.5\.0"):
        plan(fleet)


def test_on_main_or_without_a_checklist_nothing_is_begun(fleet: DemoFleet, clone: Path) -> None:
    (clone / "docs" / "support" / "releasing.md").write_text("# Releasing\n\nThe PM does.\n")
    with pytest.raises(OpsError, match="has no steps"):
        plan(fleet)
    git(clone, "switch", "--quiet", "--discard-changes", "main")
    with pytest.raises(OpsError, match="where nobody works directly"):
        plan(fleet)


def subjects(*lines: str) -> list[Commit]:
    return [Commit("0" * 40, "x", subject, "") for subject in lines]


@pytest.mark.parametrize(
    ("tag", "messages", "version"),
    [
        (None, ["first"], "v0.0.1"),
        ("v1.2.3", ["fix: x"], "v1.2.4"),
        ("v1.2.3", ["fix: x", "feat(a): y"], "v1.3.0"),
        ("v1.2.3", ["refactor!: y"], "v2.0.0"),
        ("v0.2.3", ["feat!: y"], "v0.3.0"),
    ],
)
def test_the_next_version(tag: str | None, messages: list[str], version: str) -> None:
    assert next_version(tag, subjects(*messages)) == version


def test_changes_that_no_user_notices_are_left_out_unless_they_break_something() -> None:
    assert changes(subjects("docs: x", "ci: y")) == "No change that a user notices."
    assert "**breaks:** drop it" in changes(subjects("build!: drop it"))
    assert "Merge it all" in changes(subjects("Merge it all"))


def test_a_list_of_tasks_is_a_checklist_too() -> None:
    steps = checklist("# R\n\n- [ ] One\n\n  ```sh read-only\n  true\n  ```\n- [x] Two\n")
    assert [(step.text, step.command, step.effect) for step in steps] == [
        ("One", "true", "read-only"),
        ("Two", None, None),
    ]
