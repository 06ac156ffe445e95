"""What would be lost with a clone is found in real clones of a real origin, and nothing else keeps one."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mcp_server.kernel.errors import OpsError
from mcp_server.system.git.git import Git
from mcp_server.system.git.unsaved import Unsaved


class Clone:
    def __init__(self, folder: Path) -> None:
        self.folder, self.path, self.origin = folder, folder / "opus-1", folder / "origin.git"
        self.run(folder, "init", "-q", "--bare", "-b", "main", str(self.origin))
        self.run(folder, "clone", "-q", str(self.origin), str(self.path))
        for name in ("name", "email"):
            self.git("config", f"user.{name}", "opus-1@example.org")
        self.git("switch", "-q", "-c", "main")
        self.commit("first")
        self.git("push", "-q", "-u", "origin", "main")
        self.git("remote", "set-head", "origin", "main")

    def run(self, folder: Path, *words: str) -> str:
        own = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_EDITOR": "true"}
        done = subprocess.run(["git", *words], cwd=folder, env=own, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def git(self, *words: str) -> str:
        return self.run(self.path, *words)

    def commit(self, name: str) -> str:
        (self.path / name).write_text(f"{name}\n")
        self.git("add", name)
        self.git("commit", "-q", "-m", name)
        return self.git("rev-parse", "HEAD")

    def unsaved(self) -> list[str]:
        return [each.what for each in self.found(self.path)]

    def found(self, path: Path) -> tuple[Unsaved, ...]:
        git = Git({"PATH": os.environ["PATH"]})
        return git.unsaved(path, fetched=git.fetch(path))

    def elsewhere(self, *words: str) -> None:
        """What happens in another clone of the origin meanwhile."""
        other = self.folder / "other"
        if not other.exists():
            self.run(self.folder, "clone", "-q", str(self.origin), str(other))
            self.run(other, "config", "user.email", "pm-1@example.org")
            self.run(other, "config", "user.name", "pm-1")
        self.run(other, *words)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def detached(clone: Clone) -> None:
    clone.git("switch", "-q", "--detach")
    clone.commit("lost")


def left_behind(clone: Clone) -> None:
    detached(clone)
    clone.git("switch", "-q", "main")


def reset(clone: Clone) -> None:
    clone.commit("lost")
    clone.git("reset", "-q", "--hard", "HEAD~1")


def deleted_branch(clone: Clone) -> None:
    clone.git("switch", "-q", "-c", "gone")
    clone.commit("lost")
    clone.git("switch", "-q", "main")
    clone.git("branch", "-q", "-D", "gone")


def on_a_branch(clone: Clone) -> None:
    clone.git("switch", "-q", "-c", "ops")
    clone.commit("mine")
    clone.git("switch", "-q", "main")


def tagged(clone: Clone) -> None:
    clone.git("switch", "-q", "--detach")
    clone.commit("tagged")
    clone.git("tag", "-a", "-m", "v1", "v1")
    clone.git("switch", "-q", "main")


def branch_gone_on_origin(clone: Clone) -> None:
    on_a_branch(clone)
    clone.git("push", "-q", "origin", "ops")
    clone.elsewhere("push", "-q", "origin", "--delete", "ops")


def forced_on_origin(clone: Clone) -> None:
    on_a_branch(clone)
    clone.git("push", "-q", "origin", "ops")
    clone.elsewhere("push", "-q", "--force", "origin", "origin/main:refs/heads/ops")


def stashed(clone: Clone) -> None:
    (clone.path / "first").write_text("changed\n")
    clone.git("stash", "-q")


def untracked(clone: Clone) -> None:
    (clone.path / "notes.md").write_text("notes\n")


def merging(clone: Clone) -> None:
    clone.git("switch", "-q", "-c", "side")
    clone.git("commit", "-q", "--allow-empty", "-m", "side")
    clone.git("push", "-q", "origin", "side")
    clone.git("switch", "-q", "main")
    clone.git("merge", "-q", "--no-ff", "--no-commit", "side")


def worktree(clone: Clone) -> None:
    clone.git("worktree", "add", "-q", "-b", "second", str(clone.folder / "second"))


def silent(clone: Clone) -> None:
    clone.origin.rename(clone.folder / "moved.git")


def without_origin(clone: Clone) -> None:
    clone.git("remote", "remove", "origin")


def noted(clone: Clone) -> None:
    clone.git("notes", "add", "-m", "a note")


def with_submodule(clone: Clone) -> Path:
    library = clone.folder / "library.git"
    clone.run(clone.folder, "clone", "-q", "--bare", str(clone.origin), str(library))
    clone.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "library")
    clone.git("commit", "-q", "-m", "with a library")
    clone.git("push", "-q", "origin", "main")
    assert clone.unsaved() == []
    return clone.path / "library"


def in_a_submodule(clone: Clone) -> None:
    library = with_submodule(clone)
    about = ("-c", "user.name=opus-1", "-c", "user.email=opus-1@example.org")
    clone.run(library, *about, "commit", "-q", "--allow-empty", "-m", "only here")
    clone.git("commit", "-q", "-a", "-m", "a newer library")
    clone.git("push", "-q", "origin", "main")


LOSSES: list[tuple[Callable[[Clone], None], str]] = [
    (detached, "1 commit of HEAD"),
    (left_behind, "1 commit on no branch"),
    (reset, "1 commit on no branch"),
    (deleted_branch, "1 commit on no branch"),
    (on_a_branch, "1 commit of ops"),
    (tagged, "1 commit of refs/tags/v1"),
    (branch_gone_on_origin, "1 commit of ops"),
    (forced_on_origin, "1 commit of ops"),
    (stashed, "1 stash"),
    (untracked, "1 changed file"),
    (merging, "an operation is in progress"),
    (worktree, "other work trees"),
    (silent, "origin does not answer"),
    (without_origin, "origin does not answer"),
    (in_a_submodule, "commits of the submodule library"),
    (noted, "1 commit of refs/notes/commits"),
]


@pytest.mark.parametrize(("act", "what"), LOSSES, ids=lambda value: getattr(value, "__name__", None))
def test_what_would_be_lost_is_named(clone: Clone, act: Callable[[Clone], None], what: str) -> None:
    assert clone.unsaved() == []
    act(clone)
    found = clone.unsaved()
    assert any(each.startswith(what) for each in found), found


def pushed(clone: Clone) -> None:
    on_a_branch(clone)
    clone.git("push", "-q", "origin", "ops")


def amended(clone: Clone) -> None:
    clone.commit("second")
    clone.git("commit", "-q", "--amend", "-m", "better words")
    clone.git("push", "-q", "origin", "main")


def rebased(clone: Clone) -> None:
    on_a_branch(clone)
    clone.elsewhere("commit", "-q", "--allow-empty", "-m", "meanwhile")
    clone.elsewhere("push", "-q", "origin", "main")
    clone.git("switch", "-q", "ops")
    clone.git("pull", "-q", "--rebase", "origin", "main")
    clone.git("push", "-q", "origin", "ops")


def squashed(clone: Clone) -> None:
    pushed(clone)
    clone.git("switch", "-q", "ops")
    clone.commit("more")
    clone.git("push", "-q", "origin", "ops")
    clone.elsewhere("fetch", "-q")
    clone.elsewhere("merge", "-q", "--squash", "origin/ops")
    clone.elsewhere("commit", "-q", "-m", "ops, squashed")
    clone.elsewhere("push", "-q", "origin", "main")
    clone.elsewhere("push", "-q", "origin", "--delete", "ops")


def squashed_and_deleted(clone: Clone) -> None:
    squashed(clone)
    clone.git("switch", "-q", "main")
    clone.git("branch", "-q", "-D", "ops")


def behind(clone: Clone) -> None:
    clone.elsewhere("commit", "-q", "--allow-empty", "-m", "meanwhile")
    clone.elsewhere("push", "-q", "origin", "main")


@pytest.mark.parametrize("act", [pushed, amended, rebased, squashed, squashed_and_deleted, behind])
def test_what_origin_has_or_was_replaced_is_no_loss(clone: Clone, act: Callable[[Clone], None]) -> None:
    act(clone)
    assert clone.unsaved() == []


def test_the_step_for_a_lost_commit_saves_it(clone: Clone) -> None:
    left_behind(clone)
    (found,) = clone.found(clone.path)
    subprocess.run(["sh", "-c", found.next], check=True)
    (branch,) = clone.unsaved()
    assert branch.startswith("1 commit of kept-")
    clone.git("push", "-q", "origin", *clone.git("branch", "--list", "--format=%(refname:short)", "kept-*").split())
    assert clone.unsaved() == []


def test_a_folder_that_is_no_clone_of_its_own_is_an_error(clone: Clone) -> None:
    (clone.path / "inside").mkdir()
    with pytest.raises(OpsError, match="is not a clone of its own"):
        clone.found(clone.path / "inside")
