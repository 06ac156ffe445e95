"""`ops fleet pull` in clones without the guard's hooks, so that nothing but its own rules holds it back."""

import os
from pathlib import Path

import pytest

from mcp_server.server.wiring import context_of
from mcp_server.workflow.fleet_pull import FLEET_PULL, Pulled, PullParams, Row
from tests.fixtures.clones import clone_of, commit, git, make_origin, push_commits


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A fleet of two clones on main."""
    origin = make_origin(tmp_path)
    (root := tmp_path / "fleet").mkdir()
    for name in ("opus-1", "opus-2"):
        clone_of(origin, root / name)
    return root


def pulled(root: Path) -> dict[str, Row]:
    found = FLEET_PULL.run(context_of(os.environ, root, fleet=root), PullParams())
    assert isinstance(found, Pulled)
    assert found.synced is all(row.behind == 0 for row in found.clones)
    return {row.agent: row for row in found.clones}


def test_a_main_with_commits_of_its_own_is_left_alone_and_reported(root: Path) -> None:
    own = commit(root / "opus-1", "own.txt")
    main = push_commits(root.parent / "origin.git", ["later.txt"])
    rows = pulled(root)
    assert rows["opus-1"] == Row("opus-1", "left", "0 changed files, 1 commits of its own on main", 1)
    assert git(root / "opus-1", "rev-parse", "HEAD") == own
    assert rows["opus-2"] == Row("opus-2", "pulled", None, 0)
    assert git(root / "opus-2", "rev-parse", "HEAD") == main


@pytest.mark.parametrize("branch", ["ops", None])
def test_a_clone_on_another_branch_or_on_none_is_left_alone(root: Path, branch: str | None) -> None:
    clone = root / "opus-1"
    git(clone, "switch", "--quiet", *(["--create", branch] if branch else ["--detach"]))
    before = git(clone, "for-each-ref")
    push_commits(root.parent / "origin.git", ["later.txt"])
    assert pulled(root)["opus-1"] == Row("opus-1", "left", f"on {branch or 'no branch'}", 1)
    assert git(clone, "for-each-ref") == before


def test_without_origin_nothing_is_reported_as_pulled(root: Path) -> None:
    (root.parent / "origin.git").rename(root.parent / "away")
    rows = pulled(root)
    assert {row.outcome for row in rows.values()} == {"failed"}
    assert {row.behind for row in rows.values()} == {None}
