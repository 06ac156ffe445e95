"""Clones as git leaves them: default branches, cut histories, unfinished operations, linked work trees, forks."""

import subprocess
from pathlib import Path

import pytest

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Finding
from mcp_server.kernel.inventory import Agent
from mcp_server.system.git.git import Git
from mcp_server.workflow.findings import findings_of
from mcp_server.workflow.look_clones import Clone, look_at_clones
from tests.fixtures.clones import clone_of, commit, git, make_origin, push_commits


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    return make_origin(tmp_path)


@pytest.fixture
def clone(origin: Path, tmp_path: Path) -> Path:
    return clone_of(origin, tmp_path / "opus-1")


def found(clone: Path, *, ask: bool = False) -> dict[str, Finding]:
    agent = Agent("opus-1", "opus", "host", clone)
    look = look_at_clones(Git(), [agent], ask=ask)["opus-1"]
    return {finding.code: finding for finding in findings_of(agent, look, "ORIGIN")}


def run(step: str) -> None:
    """A next step, done as it stands."""
    subprocess.run(["sh", "-c", step], check=True, capture_output=True)


def fails(clone: Path, *arguments: str) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        git(clone, *arguments)


@pytest.mark.parametrize("default", ["master", "trunk", "develop"])
def test_without_a_head_of_origin_the_only_likely_branch_is_the_default_one(
    origin: Path, clone: Path, default: str
) -> None:
    git(origin, "branch", "-m", "main", default)
    git(clone, "fetch", "--quiet", "--prune")
    git(clone, "checkout", "--quiet", "-B", default, f"origin/{default}")
    git(clone, "remote", "set-head", "origin", "--delete")
    commit(clone, "own.txt")
    git(origin.parent / "seed", "push", "--quiet", "origin", f"main:{default}", "--force")
    codes = found(clone)
    assert set(codes) == {"on_main"}
    assert codes["on_main"].message == f"1 commit on {default} that origin lacks"


def test_where_several_branches_may_be_the_default_one_the_distance_is_unknown_until_git_is_told(
    origin: Path, clone: Path
) -> None:
    git(origin, "branch", "develop")
    git(clone, "fetch", "--quiet")
    git(clone, "remote", "set-head", "origin", "--delete")
    state = Git().state(clone)
    assert (state.tracked, state.ahead, state.behind, state.protected_ahead) == (None, None, None, None)
    codes = found(clone)
    assert set(codes) == {"no_default_branch"}
    assert codes["no_default_branch"].unknown
    run(codes["no_default_branch"].next)
    assert found(clone) == {}


def test_a_head_of_origin_that_names_a_branch_that_is_gone_is_told(origin: Path, clone: Path) -> None:
    git(clone, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
    codes = found(clone)
    assert "names a branch that is gone" in codes["no_default_branch"].message
    run(codes["no_default_branch"].next)
    assert found(clone) == {}


def test_a_default_branch_that_origin_has_renamed_is_not_a_silent_origin(origin: Path, clone: Path) -> None:
    git(origin, "branch", "-m", "main", "trunk")
    codes = found(clone, ask=True)
    assert set(codes) == {"no_default_branch"}
    assert codes["no_default_branch"].unknown
    run(codes["no_default_branch"].next)
    assert found(clone, ask=True) == {}


def test_a_clone_of_one_branch_is_widened_before_its_default_branch_can_be_known(
    origin: Path, tmp_path: Path
) -> None:
    git(origin, "branch", "topic")
    narrow = tmp_path / "narrow"
    git(tmp_path, "clone", "--quiet", "--single-branch", "--branch", "topic", f"file://{origin}", str(narrow))
    git(narrow, "switch", "--quiet", "-c", "opus")
    step = found(narrow)["no_default_branch"].next
    run(step)
    assert found(narrow) == {}


def test_being_on_any_default_branch_is_fine_and_working_there_is_not(origin: Path, clone: Path) -> None:
    git(origin, "branch", "-m", "main", "develop/next")
    git(clone, "fetch", "--quiet", "--prune")
    git(clone, "remote", "set-head", "origin", "develop/next")
    git(clone, "checkout", "--quiet", "-B", "develop/next", "origin/develop/next")
    assert found(clone) == {}
    (clone / "README.md").write_text("changed\n")
    assert set(found(clone)) == {"work_on_protected"}


def test_what_a_shallow_clone_cannot_know_is_unknown_until_it_has_its_history(origin: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "opus-1"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{origin}", str(shallow))
    assert found(shallow) == {}, "nothing is missing for the numbers"
    push_commits(origin, ["a.txt", "b.txt"])
    git(shallow, "fetch", "--quiet", "--depth", "1")
    state = Git().state(shallow)
    assert (state.ahead, state.behind, state.protected_ahead, state.unpushed) == (None, None, None, None)
    codes = found(shallow)
    assert set(codes) == {"shallow"}
    assert codes["shallow"].unknown
    run(codes["shallow"].next)
    assert found(shallow)["behind"].message == "2 commits behind origin/main"


def test_a_shallow_clone_knows_what_was_committed_in_it(origin: Path, tmp_path: Path) -> None:
    push_commits(origin, ["a.txt", "b.txt"])
    shallow = tmp_path / "opus-1"
    git(tmp_path, "clone", "--quiet", "--depth", "2", f"file://{origin}", str(shallow))
    git(shallow, "switch", "--quiet", "-c", "opus")
    commit(shallow, "own.txt")
    state = Git().state(shallow)
    assert (state.shallow, state.ahead, state.behind, state.unpushed) == (True, 1, 0, 1)


def conflict(clone: Path) -> None:
    for name in ("theirs", "opus"):
        git(clone, "switch", "--quiet", "-c", name, "origin/main")
        commit(clone, "README.md", f"{name}\n")


def begin(clone: Path, way: str) -> None:
    conflict(clone)
    if way == "bisect":
        git(clone, "bisect", "start", "HEAD", "HEAD~1")
    elif way == "am":
        patch = clone.parent / "patch"
        patch.write_text(git(clone, "format-patch", "--stdout", "theirs~1..theirs") + "\n")
        fails(clone, "am", str(patch))
    elif way == "revert":
        commit(clone, "README.md", "again\n")
        fails(clone, "revert", "--no-edit", "HEAD~1")
    else:
        fails(clone, *way.split(), "theirs")


@pytest.mark.parametrize(
    "way",
    ["merge", "rebase --merge", "rebase --apply", "rebase --force-rebase", "cherry-pick", "revert", "bisect", "am"],
)
def test_an_operation_that_waits_is_named_and_nothing_is_advised_that_git_refuses(clone: Path, way: str) -> None:
    begin(clone, way)
    codes = found(clone)
    assert set(codes) == {"merge_unfinished"}
    assert codes["merge_unfinished"].message.startswith(f"a {way.partition(' ')[0]}")
    assert codes["merge_unfinished"].next.startswith("ops runbook read merge-unfinished")


def test_a_linked_work_tree_is_looked_at_like_its_clone(clone: Path, tmp_path: Path) -> None:
    inside, aside = clone / ".claude" / "trees" / "x", tmp_path / "aside"
    (clone / ".git" / "info" / "exclude").write_text("/.claude/\n")
    git(clone, "worktree", "add", "--quiet", "-b", "opus-x", str(inside))
    git(clone, "worktree", "add", "--quiet", "--detach", str(aside))
    assert set(found(clone)) == set()
    (inside / "README.md").write_text("changed\n")
    commit(aside, "loose.txt")
    codes = found(clone)
    assert set(codes) == {"dirty", "detached"}
    assert str(inside) in codes["dirty"].message
    assert "1 commit may belong to none" in codes["detached"].message
    run(codes["detached"].next)
    assert set(found(clone)) == {"dirty"}
    assert Git().state(clone).unpushed == 1
    (aside / ".git").write_text("gitdir: /nowhere\n")
    assert str(aside) in found(clone)["clone_unreadable"].message


def test_the_work_tree_of_another_agent_is_not_reported_twice(clone: Path, tmp_path: Path) -> None:
    git(clone, "worktree", "add", "--quiet", "-b", "opus/2", str(tmp_path / "opus-2"))
    (tmp_path / "opus-2" / "README.md").write_text("changed\n")
    agents = [Agent(name, "opus", "host", tmp_path / name) for name in ("opus-1", "opus-2")]
    looks = look_at_clones(Git(), agents, ask=False)
    codes = {agent.name: [f.code for f in findings_of(agent, looks[agent.name], None)] for agent in agents}
    assert codes == {"opus-1": [], "opus-2": ["dirty"]}


def test_a_clone_of_a_fork_is_measured_against_the_repository_that_it_was_forked_from(
    origin: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(origin), "fork.git")
    clone = clone_of(tmp_path / "fork.git", tmp_path / "opus-1")
    push_commits(origin, ["a.txt", "b.txt"])
    git(clone, "remote", "add", "upstream", str(origin))
    git(clone, "fetch", "--quiet", "upstream")
    codes = found(clone)
    assert codes["behind"].message == "2 commits behind upstream/main"
    run(codes["behind"].next)
    assert found(clone) == {}


def test_an_only_remote_of_another_name_is_measured_and_can_be_renamed(clone: Path) -> None:
    git(clone, "remote", "rename", "origin", "github")
    state = Git().state(clone)
    assert (state.remote, state.behind) == ("github", 0)
    run(found(clone)["no_origin"].next)
    assert found(clone) == {}


def test_an_upstream_that_is_gone_is_told_until_the_branch_has_none(clone: Path) -> None:
    git(clone, "switch", "--quiet", "-c", "opus")
    git(clone, "push", "--quiet", "--set-upstream", "origin", "opus")
    assert found(clone) == {}
    git(clone, "update-ref", "-d", "refs/remotes/origin/opus")
    run(found(clone)["upstream_gone"].next)
    assert found(clone) == {}


@pytest.mark.parametrize("content", ["garbage\n", "1" * 40 + "\n"])
def test_a_history_that_git_cannot_follow_is_unknown_with_its_reason(clone: Path, content: str) -> None:
    (clone / ".git" / "refs" / "heads" / "broken").write_text(content)
    finding = found(clone)["history_damaged"]
    assert finding.unknown
    assert "git cannot follow the history: " in finding.message


def test_a_repository_whose_format_this_git_cannot_read_is_unknown(clone: Path) -> None:
    git(clone, "config", "core.repositoryFormatVersion", "1")
    git(clone, "config", "extensions.fromTheFuture", "true")
    finding = found(clone)["clone_unreadable"]
    assert finding.unknown
    assert "fromthefuture" in finding.message
    assert "newer git" in finding.next


def test_a_repository_with_sha_256_is_like_any_other(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--object-format=sha256", "seed")
    commit(tmp_path / "seed", "README.md")
    git(tmp_path, "clone", "--quiet", "--bare", "seed", "origin.git")
    git(tmp_path / "seed", "remote", "add", "origin", str(tmp_path / "origin.git"))
    clone = clone_of(tmp_path / "origin.git", tmp_path / "opus-1")
    push_commits(tmp_path / "origin.git", ["a.txt"])
    assert found(clone, ask=True)["behind"].message == "1 commit behind origin/main"
    git(clone, "pull", "--quiet")
    assert found(clone, ask=True) == {}


def test_a_look_at_another_clone_through_a_shallow_one_does_not_count_what_it_cannot_see(
    origin: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{origin}", "opus-1")
    push_commits(origin, ["a.txt", "b.txt", "c.txt"])
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{origin}", "opus-2")
    agents = [Agent(name, "opus", "host", tmp_path / name) for name in ("opus-1", "opus-2")]
    look = look_at_clones(Git(), agents, ask=False)["opus-1"]
    assert isinstance(look, Clone)
    assert look.behind in (None, 3)
    assert not isinstance(look, OpsError)
