"""`branch_start` in a real clone with the guard's hooks: the first time, again, after merges, with unsaved work."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from mcp_server.guard.install import GUARD_INSTALL, Clones
from mcp_server.kernel.errors import OpsError
from mcp_server.server.wiring import context_of
from mcp_server.workflow.branch_start import BRANCH_START, Started, StartParams
from tests.fixtures.clones import clone_of, commit, everything_in, git, make_origin, push_commits
from tests.fixtures.copies import copied


@dataclass(frozen=True)
class Desk:
    """ops-1 in a fleet of three, each with the hooks in place."""

    root: Path
    origin: Path

    @property
    def clone(self) -> Path:
        return self.root / "ops-1"

    def start(self, branch: str = "", agent: str = "ops-1") -> Started:
        found = BRANCH_START.run(
            context_of(os.environ, self.root, fleet=self.root, agent=agent), StartParams(branch=branch)
        )
        assert isinstance(found, Started)
        assert BRANCH_START.text(found)
        return found

    def refusal(self, branch: str = "") -> OpsError:
        before = self.files()
        with pytest.raises(OpsError) as caught:
            self.start(branch)
        assert self.files() == before
        return caught.value

    def files(self) -> dict[str, bytes]:
        found = everything_in(self.clone)
        return {name: data for name, (_, data) in found.items() if not name.startswith(".git/")}

    def here(self, ref: str = "HEAD") -> str:
        return git(self.clone, "rev-parse", ref)

    def merged(self, *how: str) -> str:
        """The PM merges origin's branch `ops` into main; where main stands then."""
        seed = self.root.parent / "seed"
        git(seed, "fetch", "--quiet")
        git(seed, "merge", "--quiet", *how, "origin/ops")
        if "--squash" in how:
            git(seed, "commit", "--quiet", "-m", "ops: all of it (#1)")
        git(seed, "push", "--quiet", "origin", "main")
        return git(seed, "rev-parse", "HEAD")

    def work(self, *names: str) -> str:
        for name in names:
            commit(self.clone, name)
        git(self.clone, "push", "--quiet", "origin", "ops")
        return self.here()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    copied(guarded_fleet, tmp_path)
    return Desk(tmp_path / "fleet", tmp_path / "origin.git")


def guarded_fleet(folder: Path) -> None:
    """An origin and three clones of it with the guard's hooks."""
    origin = make_origin(folder)
    (root := folder / "fleet").mkdir()
    for name in ("ops-1", "opus-1", "opus-2"):
        clone_of(origin, root / name)
    GUARD_INSTALL.run(context_of(os.environ, root, fleet=root), Clones())


def test_a_role_branch_starts_from_the_current_main_of_origin(desk: Desk) -> None:
    main = push_commits(desk.origin, ["a.txt"])
    found = desk.start()
    assert (found.branch, found.outcome, found.head, found.ahead) == ("ops", "created", main, 0)
    assert (found.main, found.fetched) == ("fast_forwarded", True)
    assert (desk.here(), desk.here("main"), git(desk.clone, "branch", "--show-current")) == (main, main, "ops")


def test_the_second_start_continues_the_branch_and_keeps_its_commits(desk: Desk) -> None:
    desk.start()
    own = commit(desk.clone, "own.txt")
    main = push_commits(desk.origin, ["a.txt"])
    found = desk.start()
    assert (found.outcome, found.ahead, found.main) == ("continued", 2, "fast_forwarded")
    for ancestor in (own, main):
        git(desk.clone, "merge-base", "--is-ancestor", ancestor, "HEAD")
    assert desk.start() == desk.start(), "nothing is left to do"


def test_after_a_merge_the_branch_is_at_main(desk: Desk) -> None:
    desk.start()
    desk.work("own.txt")
    git(desk.clone, "switch", "--quiet", "main")
    main = desk.merged("--no-ff")
    assert (desk.start().outcome, desk.here()) == ("continued", main)


@pytest.mark.parametrize("deleted", [True, False])
def test_after_a_squash_merge_the_branch_is_fresh_and_no_commit_is_lost(desk: Desk, deleted: bool) -> None:
    desk.start()
    old = desk.work("a.txt", "b.txt")
    main = desk.merged("--squash")
    if deleted:
        git(desk.origin, "branch", "--quiet", "-D", "ops")
    push_commits(desk.origin, ["later.txt"])
    found = desk.start()
    assert (found.branch, found.outcome) == ("ops", "renewed")
    assert git(desk.clone, "diff", "origin/main", "HEAD") == ""
    git(desk.clone, "merge-base", "--is-ancestor", main, "HEAD")
    git(desk.clone, "merge-base", "--is-ancestor", old, found.kept or "HEAD")
    assert (found.ahead == 0) is deleted
    desk.work("next.txt")  # a plain push works


def test_changed_files_on_main_come_along_to_the_role_branch(desk: Desk) -> None:
    main = push_commits(desk.origin, ["a.txt"])
    (desk.clone / "README.md").write_text("work\n")
    found = desk.start()
    assert (found.branch, found.outcome, desk.here() == desk.here("main")) == ("ops", "created", True)
    assert found.note == "1 changed file came along; main was not merged"
    assert (desk.clone / "README.md").read_text() == "work\n"
    commit(desk.clone, "README.md", "work\n")
    assert (desk.start().outcome, git(desk.clone, "merge-base", "HEAD", main)) == ("continued", main)


@pytest.mark.parametrize(("file", "branch"), [("own.txt", "ops"), ("README.md", "ops-2")])
def test_changed_files_on_main_join_the_role_branch_unless_it_changed_them_too(
    desk: Desk, file: str, branch: str
) -> None:
    desk.start()
    own = commit(desk.clone, file, "committed\n")
    git(desk.clone, "switch", "--quiet", "main")
    (desk.clone / "README.md").write_text("work\n")
    found = desk.start()
    assert (found.branch, desk.here("ops")) == (branch, own)
    assert desk.here() == (own if branch == "ops" else desk.here("main"))
    assert (desk.clone / "README.md").read_text() == "work\n"


def test_changed_files_on_a_role_branch_are_refused_with_a_next_step_and_left_alone(desk: Desk) -> None:
    desk.start()
    (desk.clone / "new.txt").write_text("work\n")
    error = desk.refusal()
    assert (error.kind, "1 changed file on ops" in error.message) == ("conflict", True)
    assert error.next.startswith("Save them first: ops --agent ops-1 commit ")


def test_without_origin_it_uses_the_last_fetch_and_reports_that(desk: Desk) -> None:
    desk.origin.rename(desk.origin.with_name("away"))
    found = desk.start()
    assert (found.outcome, found.fetched) == ("created", False)
    assert found.note == "origin did not answer: main is as of the last fetch"


def test_changes_that_conflict_with_main_leave_the_branch_as_it_was(desk: Desk) -> None:
    desk.start()
    own = commit(desk.clone, "same.txt", "mine\n")
    seed = desk.root.parent / "seed"
    commit(seed, "same.txt", "theirs\n")
    git(seed, "push", "--quiet", "origin", "main")
    error = desk.refusal()
    assert (error.kind, "same.txt" in error.message) == ("conflict", True)
    assert (desk.here(), git(desk.clone, "status", "--porcelain")) == (own, "")


def test_commits_on_main_are_left_alone(desk: Desk) -> None:
    git(desk.clone, "switch", "--quiet", "--detach")
    own = commit(desk.clone, "own.txt")
    git(desk.clone, "-c", "core.hooksPath=/dev/null", "branch", "--force", "main", own)
    git(desk.clone, "switch", "--quiet", "main")
    found = desk.start()
    assert (found.main, desk.here("main"), found.ahead) == ("diverged", own, 0)
    assert "commits-on-main" in (found.note or "")


@pytest.mark.parametrize("fetched", [True, False])
def test_commits_on_no_branch_get_the_role_branch(desk: Desk, fetched: bool) -> None:
    git(desk.clone, "switch", "--quiet", "--detach")
    own = commit(desk.clone, "own.txt")
    if not fetched:
        git(desk.clone, "symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
        git(desk.clone, "update-ref", "-d", "refs/remotes/origin/main")
    found = desk.start()
    assert (found.branch, found.outcome, desk.here("ops")) == ("ops", "created", own)


@pytest.mark.parametrize("branch", ["main", "opus/3", "--force", "ops x", "opsx"])
def test_a_branch_of_another_role_is_refused(desk: Desk, branch: str) -> None:
    assert desk.refusal(branch).kind in ("denied", "conflict")
    assert git(desk.clone, "branch", "--show-current") == "main"


def test_agents_that_share_a_role_get_branches_of_their_own(desk: Desk) -> None:
    assert [desk.start(agent=name).branch for name in ("opus-1", "opus-2")] == ["opus-1", "opus-2"]
    assert desk.start("opus/topic", "opus-1").branch == "opus/topic"
    assert desk.start(agent="opus-1").branch == "opus/topic", "it continues the current branch"


def test_a_name_that_git_cannot_create_is_avoided(desk: Desk) -> None:
    git(desk.clone, "branch", "ops/old")
    assert desk.start().branch == "ops-1"


def test_a_branch_that_only_origin_has_is_continued(desk: Desk) -> None:
    desk.start()
    own = desk.work("own.txt")
    git(desk.clone, "switch", "--quiet", "main")
    git(desk.clone, "branch", "--quiet", "-D", "ops")
    assert (desk.start().outcome, desk.here()) == ("continued", own)
