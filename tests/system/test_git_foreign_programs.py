"""What git says of a clone whose filters are not run, and which of the user's own programs still are."""

import os
from pathlib import Path

import pytest

from mcp_server.system.git.foreign_programs import overrides
from mcp_server.system.git.git import Git
from tests.fixtures.clones import clone_of, commit, git, make_origin

GIT = Git()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in which a filter makes the stored text another one than the file's."""
    clone = clone_of(make_origin(tmp_path), tmp_path / "opus-1")
    git(clone, "config", "filter.upper.clean", "tr a-z A-Z")
    (clone / ".gitattributes").write_text("*.up filter=upper\n")
    commit(clone, ".gitattributes", "*.up filter=upper\n")
    commit(clone, "a.up", "text\n")
    commit(clone, "b.txt", "text\n")
    for name in (".gitattributes", "a.up", "b.txt", "README.md"):
        os.utime(clone / name, (1, 1))
    git(clone, "status")
    return clone


def test_files_that_the_index_knows_are_clean_without_their_filter(clone: Path) -> None:
    assert GIT.state(clone).dirty == 0


def test_a_change_of_another_file_is_counted(clone: Path) -> None:
    (clone / "b.txt").write_text("changed\n")
    assert GIT.state(clone).dirty == 1


def test_a_touched_file_with_a_filter_makes_the_count_unknown(clone: Path) -> None:
    os.utime(clone / "a.up", (2, 2))
    assert GIT.state(clone).dirty is None
    assert not git(clone, "status", "--porcelain")
    assert GIT.state(clone).dirty == 0, "git has looked meanwhile, with the filter"


def test_a_change_inside_a_submodule_is_counted_once(clone: Path) -> None:
    git(clone, "init", "--quiet", "inner")
    commit(clone / "inner", "in.txt")
    git(clone, "add", "inner")
    git(clone, "commit", "--quiet", "-m", "a submodule")
    assert GIT.state(clone).dirty == 0
    (clone / "inner" / "in.txt").write_text("changed\n")
    (clone / "inner" / "new.txt").write_text("new\n")
    assert GIT.state(clone).dirty == 1
    commit(clone / "inner", "more.txt")
    assert GIT.state(clone).dirty == 1


def test_the_users_own_credential_helpers_stay_and_the_clones_go() -> None:
    listing = "".join(
        f"{scope}\0{key}\n{value}\0"
        for scope, key, value in [
            ("global", "credential.helper", "store"),
            ("global", "credential.https://github.com.helper", "!gh auth git-credential"),
            ("local", "credential.https://github.com.helper", "!evil"),
        ]
    )
    assert overrides(listing) == (
        ("credential.helper", ""),
        ("credential.helper", "store"),
        ("credential.https://github.com.helper", "!gh auth git-credential"),
    )
