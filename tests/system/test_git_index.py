"""Whether a private file is exposed: the shortcut by the clone's state gives the same result as git."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mcp_server.system.git.git import Git
from tests.fixtures.clones import clone_of, commit, git, make_origin

GIT = Git()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return clone_of(make_origin(tmp_path), tmp_path / "opus-1")


def plain(_: Path) -> None:
    pass


def ignored(clone: Path) -> None:
    (clone / ".git" / "info" / "exclude").write_text("/.env\n")


def tracked(clone: Path) -> None:
    commit(clone, ".env")
    ignored(clone)


def hidden_by_a_setting(clone: Path) -> None:
    git(clone, "config", "status.showUntrackedFiles", "no")


def in_a_compressed_index(clone: Path) -> None:
    commit(clone, ".editorconfig")
    tracked(clone)
    git(clone, "update-index", "--index-version", "4")


def in_a_split_index(clone: Path) -> None:
    tracked(clone)
    git(clone, "update-index", "--split-index")


def a_folder(clone: Path) -> None:
    (clone / ".env").unlink()
    (clone / ".env").mkdir()
    (clone / ".env" / "a").write_text("")


def a_tracked_folder(clone: Path) -> None:
    a_folder(clone)
    commit(clone, ".env/a")


def elsewhere(clone: Path) -> None:
    ignored(clone)
    commit(clone, "a.env")


@pytest.mark.parametrize(
    ("situation", "is_exposed"),
    [
        (plain, True),
        (ignored, False),
        (tracked, True),
        (hidden_by_a_setting, True),
        (in_a_compressed_index, True),
        (in_a_split_index, True),
        (a_folder, True),
        (a_tracked_folder, True),
        (elsewhere, False),
    ],
)
def test_the_state_of_a_clone_gives_the_same_result_for_a_private_file_as_git(
    clone: Path, situation: Callable[[Path], None], is_exposed: bool
) -> None:
    (clone / ".env").write_text("")
    situation(clone)
    assert bool(GIT.exposed(clone, clone / ".env")) is is_exposed
    assert bool(GIT.exposed(clone, clone / ".env", state=GIT.state(clone))) is is_exposed


def test_a_work_tree_of_another_clone_has_its_index_elsewhere(clone: Path, tmp_path: Path) -> None:
    git(clone, "worktree", "add", "--quiet", "-b", "opus/2", str(tmp_path / "opus-2"))
    work = tmp_path / "opus-2"
    commit(work, ".env")
    assert GIT.exposed(work, work / ".env", state=GIT.state(work))


def test_the_origin_is_that_of_the_effective_configuration(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "included").write_text('[remote "origin"]\n\turl = https://example.test/"b".git\n')
    git(clone, "config", "--unset", "remote.origin.url")
    git(clone, "config", "include.path", str(tmp_path / "included"))
    assert GIT.state(clone).origin == "https://example.test/b.git"
    git(clone, "config", "--unset", "include.path")
    git(clone, "config", "remote.origin.url", "https://example.test/ü \\ c.git")
    assert GIT.state(clone).origin == "https://example.test/ü \\ c.git"


def test_a_clone_in_sync_costs_three_git_processes(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, real = tmp_path / "count", git(clone, "--exec-path")
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$*" >> "{count}"\nexec "{real}/git" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    GIT.exposed(clone, clone / ".env", state=GIT.state(clone))
    assert len(count.read_text().splitlines()) == 3  # its settings, its status, its refs
