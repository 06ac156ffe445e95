"""An incident committed on request: its file and its row, and nothing else that waits in the clone."""

import subprocess
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from mcp_server.kernel.index_table import INCIDENTS, read
from mcp_server.knowledge.look_index_findings import index_faults
from mcp_server.records.incident_open import INCIDENT_OPEN
from mcp_server.system.files import Files
from tests.fixtures.incidents import (
    FOLDER,
    changed,
    context,
    index_of,
    open_incident,
    pm_alone_writes_rows,
    update_incident,
)

INDEX = f"{FOLDER}/INDEX.md"
HUMANS = "| 2026-01-01 | [by-hand.md](by-hand.md) | Written by a person |\n"


def rows(text: str) -> list[str]:
    return [row.cell("File").target or "" for row in read(text).rows(INCIDENTS)]


def committed(clone: Path, commit: str = "HEAD") -> set[str]:
    return set(git(clone, "show", "--format=", "--name-only", commit).splitlines())


def fresh_clone(clone: Path, folder: Path) -> Path:
    """What another clone gets of the branch that `clone` is on."""
    git(folder, "clone", "--quiet", str(clone), "fresh")
    return folder / "fresh"


def test_the_file_and_its_row_are_committed_on_the_role_branch_and_nothing_else(fleet: DemoFleet) -> None:
    clone = fleet.agent("ops-1")
    (clone / "other.md").write_text("somebody's work\n")
    git(clone, "add", "other.md")
    done = open_incident(context(fleet), commit=True)
    held = git(clone, "show", "--format=%H%n%s%n%b", "--no-patch", "HEAD").splitlines()
    assert held[:2] == [done.commit, f"ops: incident {done.id}"]
    assert "Co-Authored-By: Claude Opus 4.5 <noreply@anthropic.com>" in held
    assert committed(clone) == {f"{FOLDER}/{done.id}.md", INDEX}
    assert changed(clone) == ["A  other.md"]
    assert git(clone, "branch", "--show-current") == "ops"


def test_rows_of_incidents_that_are_not_committed_stay_behind_in_the_working_tree(
    fleet: DemoFleet, tmp_path: Path
) -> None:
    clone, ctx = fleet.agent("ops-1"), context(fleet)
    first, second = open_incident(ctx, "Disk full"), open_incident(ctx, "Queue full")
    done = open_incident(ctx, "Logins lost", commit=True)
    everything = index_of(clone).read_bytes()
    assert index_faults(Files(tmp_path), fresh_clone(clone, tmp_path)) == ()
    assert rows(git(clone, "show", f"HEAD:{INDEX}"))[-1] == f"{done.id}.md"
    assert sorted(changed(clone)) == sorted([f"?? {FOLDER}/{one.id}.md" for one in (first, second)] + [f"M {INDEX}"])
    assert rows(everything.decode())[-3:] == [f"{one.id}.md" for one in (first, second, done)]
    for one in (second, first):
        update_incident(ctx, one.id, commit=True)
        assert index_of(clone).read_bytes() == everything
    assert sorted(rows(git(clone, "show", f"HEAD:{INDEX}"))) == sorted(rows(everything.decode()))
    assert git(clone, "log", "-3", "--format=%s").splitlines()[::-1] == [
        f"ops: incident {one.id}" for one in (done, second, first)
    ]


def test_where_the_pm_alone_writes_rows_the_file_alone_is_committed(fleet: DemoFleet) -> None:
    pm_alone_writes_rows(fleet)
    clone = fleet.agent("ops-1")
    index_of(clone).write_text(index_of(clone).read_text() + HUMANS)
    other, done = open_incident(context(fleet)), open_incident(context(fleet), "Queue full", commit=True)
    assert (committed(clone), "propose this row" in (done.note or "")) == ({f"{FOLDER}/{done.id}.md"}, True)
    assert sorted(changed(clone)) == [f"?? {FOLDER}/{other.id}.md", f"M {INDEX}"]
    by_pm = open_incident(context(fleet, "pm-1"), "Seen by the PM", commit=True)
    assert committed(fleet.agent("pm-1")) == {f"{FOLDER}/{by_pm.id}.md", INDEX}


@pytest.mark.parametrize("staged", [False, True])
def test_an_index_that_git_does_not_have_yet_is_not_committed_for_its_row(fleet: DemoFleet, staged: bool) -> None:
    clone = fleet.agent("ops-1")
    git(clone, "rm", "--quiet", "--cached", INDEX)
    git(clone, "commit", "--quiet", "--message", "no index")
    if staged:
        git(clone, "add", INDEX)
    done = open_incident(context(fleet), commit=True)
    assert committed(clone) == {f"{FOLDER}/{done.id}.md"}
    assert f"git does not have {INDEX} yet" in (done.note or "")
    assert changed(clone) == ([f"A  {INDEX}"] if staged else [f"?? {INDEX}"])
    assert rows(index_of(clone).read_text())[-1] == f"{done.id}.md"


def test_what_a_person_has_staged_stays_staged_and_what_not_stays_so(fleet: DemoFleet) -> None:
    clone, unstaged = fleet.agent("ops-1"), HUMANS.replace("by-hand", "later")
    index_of(clone).write_text(index_of(clone).read_text() + HUMANS)
    git(clone, "add", INDEX)
    index_of(clone).write_text(index_of(clone).read_text() + unstaged)
    done = open_incident(context(fleet), commit=True)
    (added,) = [line for line in git(clone, "diff", "--cached", "--unified=0").splitlines() if line[:2] == "+|"]
    assert added == f"+{HUMANS}".rstrip()
    (later,) = [line for line in git(clone, "diff", "--unified=0").splitlines() if line[:2] == "+|"]
    assert later == f"+{unstaged}".rstrip()
    assert rows(git(clone, "show", f"HEAD:{INDEX}"))[-1] == f"{done.id}.md"
    assert changed(clone) == [f"MM {INDEX}"]


def test_what_a_person_changed_in_the_attributes_stays_behind_too(fleet: DemoFleet) -> None:
    clone = fleet.agent("ops-1")
    git(clone, "rm", "--quiet", ".gitattributes")
    git(clone, "commit", "--quiet", "--message", "no attributes")
    (clone / FOLDER / ".gitattributes").write_text("*.png binary\n")
    open_incident(context(fleet), commit=True)
    assert git(clone, "show", f"HEAD:{FOLDER}/.gitattributes") == "*.md merge=union"
    assert (clone / FOLDER / ".gitattributes").read_text() == "*.png binary\n*.md merge=union\n"


def test_a_commit_that_a_hook_refuses_leaves_the_incident_and_the_clone_as_they_were(fleet: DemoFleet) -> None:
    clone, ctx = fleet.agent("ops-1"), context(fleet)
    open_incident(ctx, "Queue full")
    (clone / "other.md").write_text("staged\n")
    git(clone, "add", "other.md")
    hook = clone / ".git" / "hooks" / "pre-commit"
    hook.write_text(
        '#!/bin/sh\ngit diff --cached --name-only >"$(git rev-parse --git-dir)/seen"\necho "not today" >&2\nexit 1\n'
    )
    hook.chmod(0o755)
    staged, head = git(clone, "ls-files", "--stage"), git(clone, "rev-parse", "HEAD")
    done = open_incident(ctx, commit=True)
    assert (done.commit, "not today" in (done.note or ""), done.path.is_file()) == (None, True, True)
    assert not INCIDENT_OPEN.ok(done), "what was asked for is not done: not exit 0"
    assert set((clone / ".git" / "seen").read_text().splitlines()) == {f"{FOLDER}/{done.id}.md", INDEX}
    assert (git(clone, "ls-files", "--stage"), git(clone, "rev-parse", "HEAD")) == (staged, head)
    assert [each.name for each in (clone / ".git").glob("*") if "lock" in each.name or "ops-" in each.name] == []
    hook.unlink()
    again = update_incident(ctx, done.id, commit=True)
    assert again.commit == git(clone, "rev-parse", "HEAD")
    assert update_incident(ctx, done.id, commit=True).commit == again.commit, (
        "HEAD holds all of it: nothing is committed"
    )


def test_while_a_merge_is_going_on_or_another_git_is_at_work_nothing_is_committed(fleet: DemoFleet) -> None:
    clone, ctx = fleet.agent("ops-1"), context(fleet)
    lock = clone / ".git" / "index.lock"
    lock.touch()
    done = open_incident(ctx, commit=True)
    assert (done.commit, "git-lock-left" in done.next, lock.exists()) == (None, True, True)
    lock.unlink()
    git(clone, "switch", "--quiet", "-c", "side", "main")
    (clone / "side.md").write_text("side\n")
    git(clone, "add", "side.md")
    git(clone, "commit", "--quiet", "--message", "side")
    git(clone, "switch", "--quiet", "ops")
    git(clone, "merge", "--quiet", "--no-commit", "--no-ff", "side")
    before = changed(clone)
    assert "in progress" in (update_incident(ctx, done.id, commit=True).note or "")
    assert (changed(clone), (clone / ".git" / "MERGE_HEAD").exists()) == (before, True)


def test_a_broken_git_folder_is_noted_and_a_missing_git_index_is_created(
    fleet: DemoFleet,
) -> None:
    clone, ctx = fleet.agent("ops-1"), context(fleet)
    stray = clone / ".git" / "ops-commit-stray"
    stray.touch()
    done = open_incident(ctx, commit=True)
    assert (done.commit, "cannot be written" in (done.note or "")) == (None, True)
    stray.unlink()
    (clone / ".git" / "index").unlink()
    assert update_incident(ctx, done.id, commit=True).commit == git(clone, "rev-parse", "HEAD")
    assert changed(clone) == []


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("last", [True, False])
def test_every_other_byte_of_the_index_is_committed_as_it_was(fleet: DemoFleet, ending: str, last: bool) -> None:
    clone = fleet.agent("ops-1")
    text = index_of(clone).read_text().replace("\n", ending)
    index_of(clone).write_bytes((text if last else text.rstrip()).encode())
    git(clone, "-c", "core.autocrlf=false", "commit", "--quiet", "--allow-empty", "--message", "another form", INDEX)
    before = index_of(clone).read_bytes()
    open_incident(context(fleet), "Queue full")
    done = open_incident(context(fleet), commit=True)
    row = (done.index_row or "").encode()
    whole = before + row + ending.encode() if last else before + ending.encode() + row
    command = ["git", "-C", str(clone), "cat-file", "blob", f"HEAD:{INDEX}"]
    assert subprocess.run(command, capture_output=True, check=True).stdout == whole
