"""A release walked as a checklist, in real clones with real tags: checks that ops runs, steps that somebody does."""

from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from mcp_server.kernel.commit_message import Commit
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.markdown.page import read_page
from mcp_server.records.release import changes, checklist
from mcp_server.records.release_plan import RELEASE_PLAN, PlanParams, ReleasePlan
from mcp_server.records.release_step import RELEASE_STEP, ReleaseStep, StepParams
from mcp_server.records.timeline import entries_in
from mcp_server.records.version import base_of, following, version_of
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
    return [Commit(f"{number:040x}", "x", subject, "") for number, subject in enumerate(lines, 1)]


@pytest.mark.parametrize(
    ("tags", "messages", "version"),
    [
        ((), ["first"], "v0.0.1"),
        (("v1.2.3",), ["fix: x"], "v1.2.4"),
        (("v1.2.3", "nightly"), ["fix: x", "feat(a): y"], "v1.3.0"),
        (("v1.2.3",), ["refactor!: y"], "v2.0.0"),
        (("v0.2.3",), ["feat!: y"], "v0.3.0"),
        (("1.2.3", "1.3.0"), ["feat: y"], "1.4.0"),
        (("v1.9.0", "v1.10.0"), ["fix: y"], "v1.10.1"),
        (("release-1.2.3",), ["fix: y"], "release-1.2.4"),
        (("v1.4.0", "v2.0.0-rc.1"), ["fix: y"], "v2.0.0"),
        (("v2.0.0-rc.1", "v2.0.0"), ["fix: y"], "v2.0.1"),
        (("app-v1.2.3", "lib-v0.4.0"), ["fix: y"], None),
        (("2026.11.30",), ["fix: y"], None),
        (("v1.2",), ["fix: y"], None),
        (("nightly",), ["fix: y"], None),
    ],
)
def test_the_next_version_is_written_as_the_tags_are(
    tags: tuple[str, ...], messages: list[str], version: str
) -> None:
    assert following(tags, subjects(*messages)) == version


def test_the_changes_of_a_release_begin_at_the_last_one_of_the_same_kind() -> None:
    tags = ("v1.4.0", "v2.0.0-rc.1", "lib/v0.4.0", "2026.11.30")
    base = {
        version: found.tag if (found := base_of(version_of(version), tags)) else None
        for version in ("v2.0.0", "v2.0.0-rc.2", "v1.4.1", "lib/v0.5.0", "2026.12.1", "app-v1.0.0")
    }
    assert base == {
        "v2.0.0": "v1.4.0",
        "v2.0.0-rc.2": "v2.0.0-rc.1",
        "v1.4.1": "v1.4.0",
        "lib/v0.5.0": "lib/v0.4.0",
        "2026.12.1": "2026.11.30",
        "app-v1.0.0": None,
    }


def test_what_was_reverted_is_no_change() -> None:
    undo = Commit("c" * 40, "x", 'Revert "feat: a queue"', f"This reverts commit {'a' * 40}.")
    feature, fix = Commit("a" * 40, "x", "feat: a queue", ""), Commit("b" * 40, "x", "fix: a leak", "")
    assert "queue" not in changes([undo, feature, fix])
    assert following(("v1.0.0",), [undo, feature, fix]) == "v1.0.1"
    again = Commit("d" * 40, "x", 'Revert "Revert "feat: a queue""', f"This reverts commit {'c' * 40}.")
    assert "### Added\n\n- a queue" in changes([again, undo, feature, fix])
    earlier = Commit("e" * 40, "x", 'Revert "feat: of the last release"', f"This reverts commit {'f' * 40}.")
    assert "Revert" in changes([earlier])


def test_a_footer_says_what_breaks() -> None:
    body = "It was slow.\n\nBREAKING CHANGE: the option --fast\nis gone\nRefs: #12"
    commit = Commit("a" * 40, "x", "fix: one queue", body)
    assert "- **breaks:** one queue: the option --fast is gone (aaaaaaaa)" in changes([commit])
    assert following(("v1.0.0",), [commit]) == "v2.0.0"
    assert following(("v1.0.0",), [Commit("a" * 40, "x", "fix: y", "no BREAKING CHANGE here")]) == "v1.0.1"


def test_a_person_chooses_the_version_where_tags_do_not_show_it(fleet: DemoFleet, clone: Path) -> None:
    git(clone, "tag", "2026.11.30", "v1.4.2")
    git(clone, "push", "--quiet", "origin", "2026.11.30")
    with pytest.raises(OpsError, match="do not show which version comes next") as asked:
        plan(fleet)
    assert asked.value.next.endswith("ops release plan --version VERSION")
    answer = plan(fleet, "2026.12.1")
    assert (answer.version, answer.base, answer.path.name) == ("2026.12.1", "2026.11.30", "2026.12.1.md")
    assert plan(fleet, "lib/v0.1.0").path.name == "lib-v0.1.0.md"
    with pytest.raises(OpsError, match="is not a version"):
        plan(fleet, "../v1.0.0")


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


def test_numbered_headings_are_steps_and_what_undoes_a_release_is_none() -> None:
    text = (
        "# Releasing\n\n## Prerequisites\n\n- [ ] Access\n\n## Step 1: Check CI\n\nLook at main.\n\n## 2. Tag\n\n"
        "```bash\ngit tag v1.2.4\n```\n\n## Rolling back\n\n1. Delete the tag.\n\n### At once\n\n1. Hurry.\n\n"
        "## If the deployment fails\n\n1. Call.\n\n## Announce\n\n1. Tell them.\n"
    )
    assert [(step.text, step.command) for step in checklist(text)] == [
        ("Access", None),
        ("Check CI\nLook at main.", None),
        ("Tag", "git tag v1.2.4"),
        ("Tell them.", None),
    ]


def test_a_ticked_step_is_done_and_every_command_is_shown(fleet: DemoFleet, clone: Path) -> None:
    page = clone / "docs" / "support" / "releasing.md"
    page.write_text("# R\n\n- [x] Announced\n- [ ] Tag\n\n  ```console\n  git tag v1\n  ```\n")
    answer = plan(fleet)
    assert [(item.state, item.by, item.command) for item in answer.steps] == [
        ("done", "the checklist", None),
        ("open", None, "git tag v1"),
    ]
    assert "git tag v1" in RELEASE_PLAN.text(answer)
    assert answer.next.startswith(f"The human or the PM publishes: git -C {clone} tag -a v1.5.0 ")
