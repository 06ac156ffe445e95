"""`ops commit` in real clones with the guard's hooks: the named files alone, in the fleet's form."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mcp_server.kernel.errors import OpsError
from mcp_server.server.wiring import context_of
from mcp_server.workflow.commit import COMMIT, CommitParams, Committed
from tests.fixtures.clones import git
from tests.workflow.test_branch_start import Desk, desk

__all__ = ["desk"]


def commit(desk: Desk, *paths: str, message: str = "queue retries", cwd: Path | None = None) -> Committed:
    ctx = context_of(os.environ, cwd or desk.root, fleet=desk.root, agent="ops-1")
    found = COMMIT.run(ctx, CommitParams(paths=list(paths), message=message))
    assert isinstance(found, Committed)
    return found


def refusal(desk: Desk, *paths: str, message: str = "x") -> OpsError:
    before = (desk.here(), git(desk.clone, "status", "--porcelain"))
    with pytest.raises(OpsError) as caught:
        commit(desk, *paths, message=message)
    assert (desk.here(), git(desk.clone, "status", "--porcelain")) == before
    return caught.value


@pytest.fixture
def started(desk: Desk) -> Desk:
    """On `ops`, with a staged file, a changed one, a new one in a folder, and one that is gone."""
    desk.start()
    desk.work("gone.txt")
    (desk.clone / "gone.txt").unlink()
    (desk.clone / "README.md").write_text("changed\n")
    (desk.clone / "src").mkdir()
    (desk.clone / "src" / "new.txt").write_text("new\n")
    (desk.clone / "staged.txt").write_text("staged\n")
    git(desk.clone, "add", "staged.txt")
    return desk


def test_only_the_named_files_are_committed_whatever_is_staged(started: Desk) -> None:
    done = commit(started, "README.md", "src/new.txt", "gone.txt")
    assert done.files == ("README.md", "gone.txt", "src/new.txt")
    assert (done.commit, done.branch, done.left) == (started.here(), "ops", 1)
    assert git(started.clone, "status", "--porcelain") == "A  staged.txt"


def test_a_staged_removal_is_committed_and_an_unchanged_file_is_refused(started: Desk) -> None:
    git(started.clone, "rm", "--quiet", "gone.txt")
    assert commit(started, "gone.txt", "src/new.txt").files == ("gone.txt", "src/new.txt")
    assert git(started.clone, "status", "--porcelain").split("\n") == ["M README.md", "A  staged.txt"]
    assert "nothing changed" in refusal(started, "src/new.txt").message


def test_the_message_has_the_role_and_the_co_author_of_the_agent(started: Desk) -> None:
    commit(started, "README.md", message="queue retries\n\nWhy it was needed.")
    report = git(started.clone, "log", "-1", "--format=%B")
    author = "Co-Authored-By: Claude Opus 4.5 <noreply@anthropic.com>"
    assert report == f"ops: queue retries\n\nWhy it was needed.\n\n{author}"
    assert git(started.clone, "log", "-1", "--format=%(trailers:key=Co-Authored-By)").strip() == author
    commit(started, "src/new.txt", message="ops: said already")
    assert git(started.clone, "log", "-1", "--format=%s") == "ops: said already"


def test_names_are_relative_to_the_working_folder(started: Desk) -> None:
    done = commit(started, "new.txt", "../README.md", cwd=started.clone / "src")
    assert done.files == ("README.md", "src/new.txt")


@pytest.mark.parametrize(
    "path", [".", "src", "../opus-1/README.md", "/etc/passwd", "*.md", ":/", "nothing.txt", "-A"]
)
def test_anything_but_a_file_of_the_clone_is_refused(started: Desk, path: str) -> None:
    assert refusal(started, path).kind in ("denied", "conflict")


def test_a_file_with_logins_is_refused_and_a_key_in_the_diff_too(started: Desk) -> None:
    (started.clone / ".env").write_text("X=1\n")
    assert "never committed" in refusal(started, ".env").message
    (started.clone / "leak.txt").write_text("gh" + "p_" + "A1b2" * 9 + "\n")
    error = refusal(started, "leak.txt")
    assert (error.kind, "looks like a login" in error.message) == ("denied", True)


def test_main_and_the_branches_of_others_are_refused(desk: Desk) -> None:
    (desk.clone / "README.md").write_text("changed\n")
    assert "nobody works directly" in refusal(desk, "README.md").message
    git(desk.clone, "switch", "--quiet", "-c", "opus/1")
    assert "not a branch of the role ops" in refusal(desk, "README.md").message


def test_ops_commit_works_in_a_shell(started: Desk) -> None:
    command = [sys.executable, "-m", "mcp_server.cli", "commit", "README.md", "--message", "said in a shell"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(command, cwd=started.clone, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert git(started.clone, "log", "-1", "--format=%s") == "ops: said in a shell"


def test_a_key_in_the_authors_name_is_refused(started: Desk) -> None:
    ctx = context_of(os.environ, started.root, fleet=started.root, agent="ops-1")
    author = f"A <ghp_{'Ab1Cd2Ef3' * 4}@example.com>"
    with pytest.raises(OpsError, match="something like a login"):
        COMMIT.run(ctx, CommitParams(paths=["README.md"], message="x", author=author))
