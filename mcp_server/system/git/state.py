"""The state of one clone, in as few git processes as possible: an audit of many clones waits mostly for them."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from urllib.parse import urlsplit

from mcp_server.kernel.errors import OpsError
from mcp_server.system.git.answers import Run, broken_if_git_is_there, lines_of, refused
from mcp_server.system.git.dirty import STATUS, changed_lines, dirty_paths

_SETTINGS = "remote.origin.url,core.worktree"


@dataclass(frozen=True)
class CloneState:
    """One clone as git describes it. Commits are full hashes; None means that git could not determine it."""

    branch: str | None
    "None if the head is detached."
    head: str | None
    "None in a clone without a commit."
    default_branch: str
    "The branch that origin's HEAD names; `main` if the clone does not know."
    tracked: str | None
    "The commit of `origin/<default_branch>` at the last fetch."
    ahead: int | None
    behind: int | None
    "Commits of HEAD compared with `tracked`."
    protected_ahead: int
    "Commits on the local default branch that `tracked` does not have."
    dirty: int | None
    """Changed, staged and untracked paths that are not ignored. None if a filter, which a look does not run, decides
    whether a file has changed."""
    untracked: frozenset[str]
    "The untracked paths among these; a folder of untracked files is one path that ends with a slash."
    unpushed: int | None
    "Commits of HEAD and of all local branches that no branch of origin had at the last fetch."
    origin: str | None
    "The URL of origin, without credentials."


def state_of(clone: Path, run: Run) -> CloneState:
    """The state of `clone`; `invalid` if it is not the root of a git work tree."""
    real = os.path.realpath(clone)
    # Git searches no folder above it: a broken clone must not be taken for the repository that contains it.
    ceiling = {"GIT_CEILING_DIRECTORIES": str(Path(real).parent)}
    done = run(clone, *STATUS, variables=ceiling)
    code, out, error = done
    refs, settings = _refs_and_settings(clone, run) if not code else ({}, {})
    if code or "core.worktree" in settings or os.pathsep in real:
        require_root(clone, run)
    if code:
        raise refused(clone, error)
    branch, head, changed = _status(out)
    default = refs.get("refs/remotes/origin/HEAD", "refs/remotes/origin/main").removeprefix("refs/remotes/origin/")
    tracked, own = refs.get(f"refs/remotes/origin/{default}"), refs.get(f"refs/heads/{default}")
    ahead, behind = _ahead_behind(run, clone, head, tracked) if head and tracked else (None, None)
    origin = settings.get("remote.origin.url")
    return CloneState(
        branch=branch,
        head=head,
        default_branch=default,
        tracked=tracked,
        ahead=ahead,
        behind=behind,
        protected_ahead=_only_in(run, clone, {own}, (tracked,)) or 0 if own and tracked else 0,
        dirty=dirty_paths(run, clone, done),
        untracked=frozenset(line[2:] for line in changed if line.startswith("? ")),
        unpushed=_unpushed(run, clone, head, refs),
        origin=_without_credentials(origin) if origin else None,
    )


def require_root(clone: Path, run: Run) -> None:
    """`invalid` if `clone` is not the root of a git work tree."""
    code, out, error = run(clone, "rev-parse", "--show-toplevel")
    if code:
        raise refused(clone, error)
    root = Path(out)
    if not root.samefile(clone):
        raise OpsError(
            "invalid",
            f"{clone} is not a clone of its own: it is in {root}" + broken_if_git_is_there(clone),
            f"See what is there: ls -la {quote(str(clone))}",
        )


def refs_of(clone: Path, run: Run) -> dict[str, str]:
    """Commits by ref, of local branches and of origin's as last fetched; a symbolic ref has its target."""
    return _refs_and_settings(clone, run)[0]


def _refs_and_settings(clone: Path, run: Run) -> tuple[dict[str, str], dict[str, str]]:
    """`refs_of`, and the values of `_SETTINGS` in the effective configuration, from a single git process.

    Git writes settings to its trace (`GIT_TRACE2_CONFIG_PARAMS`, https://git-scm.com/docs/api-trace2): here to
    stderr, one JSON document per line; the last value of each wins.
    """
    form = "--format=%(refname) %(objectname) %(symref)"
    traced = {"GIT_TRACE2_EVENT": "2", "GIT_TRACE2_CONFIG_PARAMS": _SETTINGS}
    _, out, trace = run(clone, "for-each-ref", form, "refs/heads", "refs/remotes/origin", variables=traced)
    lines = [line.split(" ") for line in lines_of(out)]
    events = [json.loads(line) for line in lines_of(trace) if line.startswith('{"event":"def_param"')]
    refs = {name: symbolic or commit for name, commit, symbolic in lines}
    return refs, {str(event["param"]): str(event["value"]) for event in events}


def _unpushed(run: Run, clone: Path, head: str | None, refs: Mapping[str, str]) -> int | None:
    """Commits of HEAD and of any branch that no branch of origin has."""
    fetched = {commit for name, commit in refs.items() if name.startswith("refs/remotes/")}
    local = {commit for name, commit in refs.items() if name.startswith("refs/heads/")}
    local.update([head] if head else [])
    return _only_in(run, clone, local - fetched, ("--remotes=origin",))


def _only_in(run: Run, clone: Path, tips: set[str], others: tuple[str, ...]) -> int | None:
    if tips <= set(others):
        return 0
    code, out, _ = run(clone, "rev-list", "--count", *sorted(tips), "--not", *others)
    return None if code else int(out)


def _ahead_behind(run: Run, clone: Path, head: str, tracked: str) -> tuple[int | None, int | None]:
    """The number of commits that only `head` has, and of those that only `tracked` has."""
    if head == tracked:
        return 0, 0
    code, out, _ = run(clone, "rev-list", "--left-right", "--count", f"{head}...{tracked}")
    ahead, behind = (None, None) if code else map(int, out.split())
    return ahead, behind


def _status(out: str) -> tuple[str | None, str | None, list[str]]:
    """The branch, the head and the lines of dirty paths in the output of `git status --porcelain=v2 --branch -z`."""
    lines = out.split("\0")
    facts = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# branch."))
    branch, head = facts["branch.head"], facts["branch.oid"]
    return (None if branch == "(detached)" else branch), (None if head == "(initial)" else head), changed_lines(out)


def _without_credentials(url: str) -> str:
    """`https://token@host/x` -> `https://host/x`; the user of an ssh address is part of the address and stays."""
    if "://" not in url:
        return url
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    kept = f"{user.partition(':')[0]}@" if user and parts.scheme == "ssh" else ""
    return f"{parts.scheme}://{kept}{host}{parts.path}"
