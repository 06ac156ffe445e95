"""The state of a clone against git's own answers, in clones drawn at random: 60, or 2,000 with OPS_FULL=1."""

import os
import shutil
from pathlib import Path

import pytest

from mcp_server.system.git.git import Git
from mcp_server.system.git.state import CloneState
from tests.system.generated_clones import Drawn, git

PARTS = 20
EACH = 100 if os.environ.get("OPS_FULL") == "1" else 3
SAID = (
    ("rebase", ("rebase in progress", "currently rebasing", "while rebasing", "Last command")),
    ("am", ("in the middle of an am session",)),
    ("cherry-pick", ("currently cherry-picking", "Cherry-pick currently in progress")),
    ("revert", ("currently reverting", "Revert currently in progress")),
    ("merge", ("still merging", "You have unmerged paths")),
    ("bisect", ("currently bisecting",)),
)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_clone_is_described_as_git_describes_it(part: int, tmp_path: Path) -> None:
    for seed in range(part * EACH, (part + 1) * EACH):
        folder = tmp_path / str(seed)
        folder.mkdir()
        drawn = Drawn(folder, seed)
        assert differences(drawn) == {}, (seed, drawn.steps)
        shutil.rmtree(folder)


def differences(drawn: Drawn) -> dict[str, tuple[object, object]]:
    """What differs, and how: the answer of the adapter, and that of git."""
    state, clone = Git().state(drawn.clone), drawn.clone
    remote = "upstream" if "upstream" in git(clone, "remote").split() else "origin"
    head = git(clone, "rev-parse", "--verify", "--quiet", "HEAD", fails=True) or None
    named = git(clone, "symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD", fails=True)
    exists = bool(named and git(clone, "rev-parse", "--verify", "--quiet", named, fails=True))
    told = {
        "branch": git(clone, "symbolic-ref", "--quiet", "HEAD", fails=True).removeprefix("refs/heads/") or None,
        "head": head,
        "remote": remote,
        "dirty": len(lines(git(clone, "status", "--porcelain", "--no-renames", "--untracked-files=normal"))),
        "operation": operation(clone),
        "shallow": git(clone, "rev-parse", "--is-shallow-repository") == "true",
        "dangling": bool(named) and not exists,
        "hooks": clone / Path(git(clone, "rev-parse", "--git-path", "hooks")).expanduser(),
        "linked": linked(clone),
    }
    mine: dict[str, object] = {name: getattr(state, name) for name in told}
    mine["operation"] = (state.operation or "").partition(" ")[0]
    mine["linked"] = sorted(map(str, state.linked))
    if exists:
        told["default_branch"] = named.removeprefix(f"refs/remotes/{remote}/")
        mine["default_branch"] = state.default_branch
    return {name: (mine[name], told[name]) for name in told if mine[name] != told[name]} | distances(drawn, state)


def lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


def operation(clone: Path) -> str:
    status = git(clone, "status")
    return next((name for name, signs in SAID if any(sign in status for sign in signs)), "")


def linked(clone: Path) -> list[str]:
    listed = git(clone, "worktree", "list", "--porcelain").split("\n")
    roots = [line.removeprefix("worktree ") for line in listed if line.startswith("worktree ")]
    return sorted(root for root in roots[1:] if Path(root).is_dir())


def distances(drawn: Drawn, state: CloneState) -> dict[str, tuple[object, object]]:
    """The counts that are given must be those of the complete history; only a shallow clone may not know them."""
    whole, tips = drawn.whole, [state.head] if state.head else []
    trees = [tip for tree in state.linked if (tip := git(tree, "rev-parse", "HEAD", fails=True))]
    remotes = [f"--remotes={name}" for name in {"origin", state.remote}]
    told: dict[str, int] = {"loose": 0 if state.branch or not state.head else 1}
    if told["loose"]:
        told["loose"] = count(whole, state.head or "", "--not", "--branches", "--remotes")
    told["unpushed"] = count(whole, *tips, *trees, "--branches", "--not", *remotes)
    if state.tracked and state.head:
        told["ahead"] = count(whole, state.head, "--not", state.tracked)
        told["behind"] = count(whole, state.tracked, "--not", state.head)
    if state.tracked:
        own = git(whole, "rev-parse", "--verify", "--quiet", f"refs/heads/{state.default_branch}", fails=True)
        told["protected_ahead"] = count(whole, own, "--not", state.tracked) if own else 0
    mine = {name: getattr(state, name) for name in told}
    allowed = {None} if state.shallow else set[None]()
    return {name: (mine[name], told[name]) for name in told if mine[name] not in {told[name], *allowed}}


def count(folder: Path, *arguments: str) -> int:
    return int(git(folder, "rev-list", "--count", *arguments))
