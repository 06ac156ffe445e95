"""What the page of an unfinished merge or rebase says to do concludes it, and loses neither side."""

import subprocess
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from mcp_server.system.git.worktrees import operation_in
from tests.rules.runbook_pages import run as run_step
from tests.rules.runbook_pages import run_all, steps, variables

PAGE = "merge-unfinished"
FILE = "notes.md"


@pytest.mark.parametrize("way", ["merge", "rebase"])
def test_a_merge_or_rebase_that_stopped_is_concluded_with_both_sides(fleet: DemoFleet, way: str) -> None:
    clone, about = fleet.agent("opus-1"), {**variables(PAGE), "FILES": FILE}
    _stop_halfway(clone, way)
    assert "nmerged paths" in run_all(PAGE, "Diagnosis", fleet, about)[0]
    keep, conclude = steps(PAGE, "Resolution")
    assert run_step(keep, fleet, about).returncode == 0
    (clone / FILE).write_text("ours and theirs\n")
    result = run_step(conclude, fleet, about)
    assert result.returncode == 0, result.stderr
    state, title = run_all(PAGE, "Verification", fleet, about)
    assert "nmerged" not in state
    assert "in progress" not in state
    assert title.strip() in ("Merge branch 'opus/theirs' into opus/ours", "ours")
    assert "<<<<<<<" in (clone / ".git/solved-so-far.patch").read_text()
    assert git(clone, "show", f"HEAD:{FILE}") == "ours and theirs"
    assert git(clone, "merge-base", "--is-ancestor", "opus/theirs", "HEAD") == ""


def _stop_halfway(clone: Path, way: str) -> None:
    for side in ("theirs", "ours"):
        git(clone, "switch", "--quiet", "-c", f"opus/{side}", "origin/main")
        (clone / FILE).write_text(f"{side}\n")
        git(clone, "add", FILE)
        git(clone, "commit", "--quiet", f"--message={side}")
    with pytest.raises(subprocess.CalledProcessError):
        git(clone, way, "opus/theirs")


@pytest.mark.parametrize("way", ["cherry-pick", "revert", "am", "rebase --apply"])
def test_whatever_else_stopped_is_concluded_in_the_same_way(fleet: DemoFleet, way: str) -> None:
    clone, about = fleet.agent("opus-1"), {**variables(PAGE), "FILES": FILE}
    for side in ("theirs", "ours"):
        git(clone, "switch", "--quiet", "-c", f"opus/{side}", "origin/main")
        for text in (f"first {side}\n", f"{side}\n"):
            (clone / FILE).write_text(text)
            git(clone, "add", FILE)
            git(clone, "commit", "--quiet", f"--message={text.strip()}")
    git(clone, "format-patch", "--quiet", "-1", "--output-directory=.git/patches", "opus/theirs")
    others = {"revert": ("--no-edit", "HEAD~1"), "am": (".git/patches/0001-theirs.patch", "--3way")}
    with pytest.raises(subprocess.CalledProcessError):
        git(clone, *way.split(), *others.get(way, ("opus/theirs",)))
    for stop in ("first", "second"):  # a rebase stops at each of its commits
        if operation_in(clone / ".git"):
            (clone / FILE).write_text(f"both, {stop}\n")
            run_step(steps(PAGE, "Resolution")[1], fleet, about)
    assert operation_in(clone / ".git") is None
    assert git(clone, "show", f"HEAD:{FILE}") in ("both, first", "both, second")
