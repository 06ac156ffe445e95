"""git commands that add commits to the current branch or move it: commit, merge, rebase, reset, pull, ..."""

from typing import Final

from mcp_server.guard.policy import guards
from mcp_server.guard.programs.git_call import Git
from mcp_server.guard.programs.git_push import fetched
from mcp_server.guard.programs.refs import is_upstream, short
from mcp_server.guard.shell import words as w
from mcp_server.kernel.lazy_pattern import lazy_pattern

COMMIT: Final = lazy_pattern(r"[0-9a-f]{7,40}|.*[~^@:{].*|HEAD|ORIG_HEAD|FETCH_HEAD")
"What can only be a commit, not a branch or a file."
_CONTINUES: Final = ("abort", "quit", "show-current-patch", "edit-todo")
"Options for a merge, rebase, ... in progress that add no commit."


def commit(git: Git) -> None:
    if git.has("dry-run"):
        return
    _commits(git)
    for name in git.plain if git.branch is not None else ():
        git.record("stage", name)


def add(git: Git) -> None:
    if git.has("dry-run") or git.branch is None:
        return
    names = git.plain
    if git.has("force") and {*names} <= {".", "./", ":/", "*", w.ANY}:
        names = [".env"]  # ignored files too
    for name in names:
        git.record("stage", name)


def merge(git: Git) -> None:
    if git.has(*_CONTINUES):
        return
    if git.has("continue") and git.on_protected:
        _commits(git)
    else:
        takes_in(git, git.plain, "merge")
        _merge_commit(git)


def pick(git: Git) -> None:
    """`git cherry-pick`, `git revert` and `git am`."""
    if not git.has(*_CONTINUES, "no-commit"):
        _commits(git)


def rebase(git: Git) -> None:
    if git.has(*_CONTINUES):
        return
    plain = git.plain
    if len(plain) > 1:
        git.line.switch(git.folder, plain[1])
    if git.has("onto") and git.on_protected:
        git.record("move", git.branch or "", "rebase --onto")
    takes_in(git, plain[:1] or ["@{u}"], "rebase")


def reset(git: Git) -> None:
    plain = git.plain
    target = plain[0] if plain else "HEAD"
    named = COMMIT.fullmatch(target) or target.startswith(("origin/", "refs/", "upstream/")) or w.is_unknown(target)
    named = named or (git.on_protected and target.replace("-", "").isalnum())
    of_files = not git.has("hard", "soft", "merge", "keep") and (len(plain) > 1 or not named)
    if target not in ("HEAD", "@") and not of_files and not git.options.paths:
        takes_in(git, [target], "reset")


def pull(git: Git) -> None:
    plain, branch = git.plain, git.branch
    fetched(git, plain)
    if branch is None:
        return
    if plain and plain[0] not in ("origin", "upstream") and guards(git.line.policy, branch):
        git.record("move", branch, f"pull from {plain[0]}")
    for spec in plain[1:]:
        source = short(spec.lstrip("+").partition(":")[0])
        if source != branch and not (w.is_unknown(branch) and source in git.line.policy.protected):
            git.record("move", branch, f"pull of {source}")
    _merge_commit(git)


def subtree(git: Git) -> None:
    plain = git.plain
    if plain[:1] == ["push"] and len(plain) > 2:
        git.record("push", short(plain[2].partition(":")[2] or plain[2]))
    elif plain[:1] and plain[0] in ("add", "merge", "pull"):
        _commits(git)


def rewrite(git: Git) -> None:
    """`git filter-branch` and `git filter-repo`."""
    named = [name for name in git.words if short(name) in git.line.policy.protected or name == "--all"]
    every = git.name == "filter-repo" and not git.has("refs")
    if (named or every or git.on_protected) and git.branch is not None:
        git.record("move", git.line.policy.protected[0], "a rewrite of history")


def _commits(git: Git) -> None:
    if git.branch is not None:
        git.record("commit", git.branch)


def takes_in(git: Git, heads: list[str], how: str) -> None:
    """The current branch takes in `heads`. On a protected branch this is allowed if they are its own upstream."""
    branch = git.branch
    if branch is None:
        return
    # If the branch is not known, it may be a protected one that takes in its own upstream.
    on = git.line.policy.protected if w.is_unknown(branch) else (branch,)
    if not all(any(is_upstream(head, name, git.line.fetched) for name in on) for head in heads):
        git.record("move", branch, how)


def _merge_commit(git: Git) -> None:
    if git.options.flags.get("ff") is False and git.on_protected:
        git.record("move", git.branch or "", "a merge commit")
