"""The git adapter on real repositories, named as situations."""

import os
import socket
import stat
from collections.abc import Generator
from pathlib import Path

import pytest

from mcp_server.kernel.errors import OpsError
from mcp_server.system.git.git import Git
from tests.fixtures.clones import clone_of, commit, everything_in, git, make_origin, push_commits

GIT = Git()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    return make_origin(tmp_path)


@pytest.fixture
def clone(origin: Path, tmp_path: Path) -> Path:
    return clone_of(origin, tmp_path / "opus-1")


def refusal(folder: Path) -> OpsError:
    with pytest.raises(OpsError) as caught:
        GIT.state(folder)
    return caught.value


def test_a_fresh_clone_is_on_main_and_in_sync_with_origin(clone: Path, origin: Path) -> None:
    state = GIT.state(clone)
    assert (state.branch, state.default_branch, state.origin) == ("main", "main", str(origin))
    assert state.head == state.tracked == git(clone, "rev-parse", "HEAD")
    assert (state.ahead, state.behind, state.protected_ahead, state.dirty) == (0, 0, 0, 0)


def test_a_clone_twelve_behind_and_dirty_is_counted(clone: Path, origin: Path) -> None:
    git(clone, "switch", "--quiet", "--create", "opus/1")
    commit(clone, "own.txt")
    push_commits(origin, [f"{n}.txt" for n in range(12)])
    git(clone, "fetch", "--quiet")
    (clone / "README.md").write_text("changed\n")
    (clone / "new file\nwith a newline").write_text("")
    git(clone, "mv", "own.txt", "moved.txt")
    state = GIT.state(clone)
    assert (state.branch, state.ahead, state.behind) == ("opus/1", 1, 12)
    assert state.dirty == 4, "one changed, one untracked, one gone and one new"


def test_commits_on_main_are_seen_from_another_branch(clone: Path) -> None:
    commit(clone, "a.txt")
    commit(clone, "b.txt")
    git(clone, "switch", "--quiet", "--create", "opus/1", "origin/main")
    state = GIT.state(clone)
    assert (state.protected_ahead, state.ahead) == (2, 0)


def test_a_detached_head_has_no_branch(clone: Path) -> None:
    git(clone, "switch", "--quiet", "--detach")
    state = GIT.state(clone)
    assert state.branch is None
    assert state.head == git(clone, "rev-parse", "HEAD")


def test_a_repository_without_a_commit_or_an_origin_has_no_head(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "opus-1")
    state = GIT.state(tmp_path / "opus-1")
    assert (state.branch, state.head, state.tracked, state.origin) == ("main", None, None, None)
    assert (state.ahead, state.behind, state.protected_ahead) == (None, None, None)


def test_an_unborn_branch_in_a_clone_has_no_head_but_a_tracked_one(clone: Path) -> None:
    git(clone, "switch", "--quiet", "--orphan", "empty")
    state = GIT.state(clone)
    assert (state.branch, state.head, state.ahead) == ("empty", None, None)
    assert state.tracked is not None


def test_a_worktree_with_a_git_file_is_a_clone_root(clone: Path, tmp_path: Path) -> None:
    git(clone, "worktree", "add", "--quiet", "-b", "opus/2", str(tmp_path / "opus-2"))
    assert (tmp_path / "opus-2" / ".git").is_file()
    assert GIT.state(tmp_path / "opus-2").branch == "opus/2"


def test_another_default_branch_is_taken_from_origin(origin: Path, tmp_path: Path) -> None:
    git(origin, "branch", "-m", "main", "trunk")
    state = GIT.state(clone_of(origin, tmp_path / "opus-1"))
    assert (state.default_branch, state.branch, state.ahead) == ("trunk", "trunk", 0)


def test_a_folder_that_is_not_a_clone_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path)
    assert (error.kind, "not a git clone" in error.message) == ("invalid", True)
    assert ".git is broken" not in error.message


def test_a_broken_git_folder_is_distinguished_from_a_missing_one(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    error = refusal(tmp_path)
    assert (error.kind, ".git is broken" in error.message) == ("invalid", True)


@pytest.mark.parametrize("content", ["", "nonsense", "gitdir: /nowhere/at/all\n"])
def test_a_broken_git_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / ".git").write_text(content)
    assert refusal(tmp_path).kind in ("invalid", "unavailable")


def test_a_head_that_is_garbage_is_refused(clone: Path) -> None:
    (clone / ".git" / "HEAD").write_text("garbage\n")
    assert refusal(clone).kind == "invalid"


def test_a_broken_index_is_named_as_git_names_it(clone: Path) -> None:
    (clone / ".git" / "index").write_bytes(b"garbage" * 10)
    error = refusal(clone)
    assert error.kind == "unavailable"
    assert "index" in error.message


def test_a_folder_inside_a_clone_is_not_a_clone_of_its_own(clone: Path) -> None:
    (clone / "opus-2").mkdir()
    error = refusal(clone / "opus-2")
    assert error.kind == "invalid"
    assert str(clone) in error.message


def test_a_bare_repository_is_not_a_clone(origin: Path) -> None:
    error = refusal(origin)
    assert (error.kind, "bare" in error.message) == ("invalid", True)


def test_a_missing_folder_is_not_found(tmp_path: Path) -> None:
    assert refusal(tmp_path / "opus-9").kind == "not_found"


def test_a_file_in_place_of_the_folder_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "opus-9").write_text("")
    assert refusal(tmp_path / "opus-9").kind == "not_found"


def program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_clone_of_another_user_is_denied_with_the_way_to_trust_it(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = git(clone, "--exec-path")
    program(tmp_path / "bin", "git", f'GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec "{real}/git" "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    error = refusal(clone)
    assert error.kind == "denied"
    assert error.next.endswith(f"git config --global --add safe.directory {clone}")


def test_without_git_the_error_says_that(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    GIT.state(clone)
    monkeypatch.setenv("PATH", str(tmp_path))
    error = refusal(clone)
    assert (error.kind, "Install git" in error.next) == ("unavailable", True)


def test_reading_a_clone_writes_nothing_and_runs_no_program_of_the_clone(clone: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    spy = program(tmp_path / "bin", "spy", f'echo "$0" >> "{trace}"')
    hooks = clone / ".git" / "hooks"
    for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        program(hooks, hook, f'echo {hook} >> "{trace}"')
    for setting in ("core.fsmonitor", "core.sshCommand", "remote.origin.uploadpack", "credential.helper"):
        git(clone, "config", setting, str(spy))
    (clone / "README.md").touch()  # makes the index stale: `git status` would like to write it
    os.utime(clone / "README.md", (1, 1))
    before = everything_in(clone)
    state = GIT.state(clone)
    assert GIT.origin_head(clone, "main") == state.head
    GIT.exposed(clone, clone / ".env")
    GIT.clone_root(clone)
    assert everything_in(clone) == before
    assert not trace.exists()


def test_variables_of_a_running_hook_do_not_redirect_a_read(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "--quiet", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "no-index"))
    state = GIT.state(clone)
    assert (state.head, state.dirty) == (state.tracked, 0)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://x-access-token:canary@example.test/a/b.git", "https://example.test/a/b.git"),
        ("https://canary@example.test:8443/a.git?token=canary", "https://example.test:8443/a.git"),
        ("ssh://git:canary@example.test/a.git", "ssh://git@example.test/a.git"),
        ("git@example.test:a/b.git", "git@example.test:a/b.git"),
    ],
)
def test_the_url_of_origin_is_shown_without_credentials(clone: Path, url: str, shown: str) -> None:
    git(clone, "remote", "set-url", "origin", url)
    assert GIT.state(clone).origin == shown


def test_the_head_of_origin_is_current_and_nothing_is_fetched(clone: Path, origin: Path) -> None:
    head = push_commits(origin, ["new.txt"])
    assert GIT.origin_head(clone, "main") == head
    assert GIT.state(clone).tracked != head


def test_only_the_branch_of_exactly_that_name_is_used(clone: Path, origin: Path) -> None:
    git(origin, "branch", "a/refs/heads/main", "main")
    head = push_commits(origin, ["new.txt"])
    assert GIT.origin_head(clone, "main") == head
    assert GIT.origin_head(clone, "gone") is None


def test_a_missing_origin_has_no_head(clone: Path, tmp_path: Path) -> None:
    git(clone, "remote", "set-url", "origin", str(tmp_path / "nowhere.git"))
    assert GIT.origin_head(clone, "main") is None


@pytest.fixture
def silent_port() -> Generator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_an_origin_that_never_answers_times_out(clone: Path, silent_port: int) -> None:
    git(clone, "remote", "set-url", "origin", f"git://127.0.0.1:{silent_port}/a.git")
    assert Git(patience=0.3).origin_head(clone, "main") is None


def test_an_origin_that_is_a_program_is_not_started(clone: Path, tmp_path: Path) -> None:
    spy = program(tmp_path / "bin", "spy", f'touch "{tmp_path / "ran"}"')
    git(clone, "config", "protocol.ext.allow", "always")
    git(clone, "remote", "set-url", "origin", f"ext::{spy} %S")
    assert GIT.origin_head(clone, "main") is None
    assert not (tmp_path / "ran").exists()


def test_the_distance_needs_both_commits(clone: Path, origin: Path) -> None:
    old = git(clone, "rev-parse", "HEAD")
    new = push_commits(origin, ["a.txt", "b.txt"])
    assert GIT.distance(clone, old, new) is None
    git(clone, "fetch", "--quiet")
    assert (GIT.distance(clone, old, new), GIT.distance(clone, new, old)) == (2, 0)


def test_commits_of_another_clone_are_counted_without_fetching_them(
    clone: Path, origin: Path, tmp_path: Path
) -> None:
    own = commit(clone, "own.txt")
    new = push_commits(origin, ["a.txt", "b.txt"])
    fellow = clone_of(origin, tmp_path / 'opus "2": x')
    before = everything_in(clone)
    assert (GIT.distance(clone, own, new, fellow), GIT.distance(clone, new, own, fellow)) == (2, 1)
    assert everything_in(clone) == before


def test_a_private_file_is_exposed_until_it_is_ignored_and_again_when_tracked(clone: Path) -> None:
    env = clone / ".env"
    assert not GIT.exposed(clone, env), "what is not there is not committed"
    env.write_text("A=1\n")
    assert GIT.exposed(clone, env)
    (clone / ".git" / "info" / "exclude").write_text("/.env\n")
    assert not GIT.exposed(clone, env)
    commit(clone, ".env")
    assert GIT.exposed(clone, env)


def test_a_pattern_in_the_name_of_a_file_is_taken_literally(clone: Path) -> None:
    (clone / "a.env").write_text("")
    assert not GIT.exposed(clone, clone / "*.env")


def test_the_root_of_a_clone_is_found_from_inside(clone: Path, tmp_path: Path) -> None:
    (clone / "src").mkdir()
    (clone / "src" / "a.py").write_text("")
    assert GIT.clone_root(clone / "src") == GIT.clone_root(clone / "src" / "a.py") == clone
    assert GIT.clone_root(tmp_path) is None


def test_a_path_with_spaces_and_a_newline_is_a_clone_like_any_other(origin: Path, tmp_path: Path) -> None:
    odd = clone_of(origin, tmp_path / "opus 1\nend\n")
    assert GIT.state(odd).branch == "main"
    assert GIT.clone_root(odd) == odd
