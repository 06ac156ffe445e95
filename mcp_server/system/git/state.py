"""The state of one clone, in as few git processes as possible: an audit of many clones waits mostly for them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Literal
from urllib.parse import urlsplit

from mcp_server.kernel.errors import OpsError
from mcp_server.system.git.answers import Run, broken_if_git_is_there, lines_of, refused
from mcp_server.system.git.dirty import STATUS, changed_lines, dirty_paths
from mcp_server.system.git.distance import Distances
from mcp_server.system.git.process import Looked
from mcp_server.system.git.worktrees import (
    boundary_of,
    common_folder,
    git_folder,
    hooks_in,
    linked_worktrees,
    names_gone,
    operation_in,
)

_USUAL = ("main", "master", "trunk", "default", "develop", "development", "dev")
"Default branches, as projects name them."
_HEADS = "refs/heads/"


@dataclass(frozen=True)
class CloneState:
    """One clone as git describes it. Commits are full hashes; None means that git could not determine it."""

    branch: str | None
    "None if the head is detached."
    head: str | None
    "None in a clone without a commit."
    remote: str
    "The remote that the fleet shares: `upstream` in a clone of a fork, else `origin`, else the only one."
    default_branch: str
    default_from: Literal["remote", "names", "nothing"]
    """What says so: the HEAD of the remote; or the names of its branches, as its HEAD is not set or names one that is
    gone. With `nothing` it is a mere guess, and there is no `tracked`."""
    tracked: str | None
    "The commit of the remote's default branch at the last fetch."
    ahead: int | None
    behind: int | None
    "Commits of HEAD compared with `tracked`."
    protected_ahead: int | None
    "Commits on the local default branch that `tracked` does not have."
    dirty: int | None
    """Changed, staged and untracked paths that are not ignored. None if a filter, which a look does not run, decides
    whether a file has changed."""
    untracked: frozenset[str]
    "The untracked paths among these; a folder of untracked files is one path that ends with a slash."
    unpushed: int | None
    "Commits of all branches and work trees that no branch of origin or of the shared remote had at the last fetch."
    loose: int | None
    "Commits of a detached HEAD that no branch has."
    origin: str | None
    "The URL of origin, without credentials."
    shared: str | None
    "The URL of `remote`, without credentials."
    operation: str | None
    "What was begun and waits to be finished: a rebase, merge, cherry-pick, revert, bisect or am."
    shallow: bool
    narrow: bool
    "The remote's settings fetch only some of its branches."
    dangling: bool
    "The HEAD of the remote names a branch that is gone."
    upstream_gone: str | None
    "The upstream of the branch, if it no longer exists."
    fault: str | None
    "Git's reason where it could not follow the history."
    hooks: Path
    "The folder in which git looks for hooks."
    common: Path
    "The folder of the repository, shared by its work trees."
    linked: tuple[Path, ...]
    "Its linked work trees that exist, without this one."


def state_of(clone: Path, run: Run) -> CloneState:
    """The state of `clone`; `invalid` if it is not the root of a git work tree."""
    real = Path(os.path.realpath(clone))
    # Git searches no folder above it: a broken clone must not be taken for the repository that contains it.
    done = run(clone, *STATUS, variables={"GIT_CEILING_DIRECTORIES": str(real.parent)})
    settings = done.settings if isinstance(done, Looked) else dict[str, Sequence[str]]()
    if done.code or "core.worktree" in settings or os.pathsep in str(real):
        require_root(clone, run)
    if done.code:
        raise refused(clone, done.error)
    own = git_folder(clone) or clone / ".git"
    common = common_folder(own)
    worktrees = {path: head for path, head in linked_worktrees(common) if path.is_dir() and path.resolve() != real}
    facts, changed = _status(done.out)
    branch, head = facts["branch.head"], facts["branch.oid"]
    branch, head = None if branch == "(detached)" else branch, None if head == "(initial)" else head
    refs, warnings = _refs(clone, run)
    remote = _shared_remote(settings)
    default, source = _default(refs, remote, settings)
    tracked = refs.get(f"refs/remotes/{remote}/{default}") if source != "nothing" else None
    boundary = boundary_of(common)
    count = Distances(run, clone, boundary)
    ahead, behind = count.between(head, tracked) if head and tracked else (None, None)
    protected = refs.get(_HEADS + default)
    upstream = facts.get("branch.upstream")
    return CloneState(
        branch=branch,
        head=head,
        remote=remote,
        default_branch=default,
        default_from=source,
        tracked=tracked,
        ahead=ahead,
        behind=behind,
        protected_ahead=count.only_in({protected}, tracked) if protected and tracked else 0 if tracked else None,
        dirty=dirty_paths(run, clone, done),
        untracked=frozenset(line[2:] for line in changed if line.startswith("? ")),
        unpushed=_unpushed(count, remote, {head, *worktrees.values()}, refs),
        loose=count.only_in({head}, "--branches", "--remotes") if head and not branch else 0,
        origin=_url(settings, "origin"),
        shared=_url(settings, remote),
        operation=operation_in(own),
        shallow=bool(boundary),
        narrow=not any(f"{_HEADS}*:" in each for each in settings.get(f"remote.{remote}.fetch", ())),
        dangling=source != "remote" and names_gone(common, remote),
        upstream_gone=upstream if upstream and "branch.ab" not in facts else None,
        fault=count.fault or next((line for line in lines_of(warnings) if "ignoring broken ref" in line), None),
        hooks=hooks_in(clone, common, settings.get("core.hookspath", ())),
        common=common,
        linked=tuple(worktrees),
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
    """Commits by ref, of local branches and of the remotes' as last fetched; a symbolic ref has its target."""
    return _refs(clone, run)[0]


def _refs(clone: Path, run: Run) -> tuple[dict[str, str], str]:
    """`refs_of`, and git's warnings about refs that are broken or name nothing."""
    form = "--format=%(refname) %(objectname) %(symref)"
    _, out, warnings = run(clone, "for-each-ref", form, "refs/heads", "refs/remotes")
    lines = (line.split(" ") for line in lines_of(out))
    return {name: symbolic or commit for name, commit, symbolic in lines}, warnings


def _shared_remote(settings: Mapping[str, Sequence[str]]) -> str:
    """The remote that all work goes to in the end: for a fork, the repository that it was forked from."""
    names = [
        key[len("remote.") : -len(".url")] for key in settings if key.startswith("remote.") and key.endswith(".url")
    ]
    usual = next((name for name in ("upstream", "origin") if name in names), None)
    return usual or (names[0] if len(names) == 1 else "origin")


def _default(
    refs: Mapping[str, str], remote: str, settings: Mapping[str, Sequence[str]]
) -> tuple[str, Literal["remote", "names", "nothing"]]:
    """The default branch of a remote, and what says so. A clone that fetches few branches may lack it."""
    prefix = f"refs/remotes/{remote}/"
    named = refs.get(f"{prefix}HEAD", "")
    if named.startswith(prefix) and named in refs:
        return named.removeprefix(prefix), "remote"
    names = [ref.removeprefix(prefix) for ref in refs if ref.startswith(prefix) and ref != f"{prefix}HEAD"]
    of_fork = refs.get("refs/remotes/origin/HEAD", "").removeprefix("refs/remotes/origin/")
    usual = [of_fork] if of_fork in names else [name for name in _USUAL if name in names]
    likely = usual or names
    whole = any(f"{_HEADS}*:" in each for each in settings.get(f"remote.{remote}.fetch", ()))
    return next(iter(likely), "main"), "names" if len(likely) == 1 and whole else "nothing"


def _unpushed(count: Distances, remote: str, heads: set[str | None], refs: Mapping[str, str]) -> int | None:
    """Commits of these heads and of any branch that no branch of origin or of the shared remote has."""
    shared = {"origin", remote}
    fetched = {
        commit for name, commit in refs.items() if name.split("/")[1] == "remotes" and name.split("/")[2] in shared
    }
    local = {commit for name, commit in refs.items() if name.startswith(_HEADS)}
    local |= {head for head in heads if head and not head.startswith("ref:")}
    return count.only_in(local - fetched, *(f"--remotes={name}" for name in sorted(shared))) if local - fetched else 0


def _status(out: str) -> tuple[dict[str, str], list[str]]:
    """The facts about the branch and the lines of dirty paths in the output of `STATUS`."""
    return dict(line[2:].split(" ", 1) for line in out.split("\0") if line.startswith("# branch.")), changed_lines(
        out
    )


def _url(settings: Mapping[str, Sequence[str]], remote: str) -> str | None:
    """The URL of a remote, without credentials."""
    url = next(reversed(settings.get(f"remote.{remote}.url", ())), None)
    return _without_credentials(url) if url else None


def _without_credentials(url: str) -> str:
    """`https://token@host/x` -> `https://host/x`; the user of an ssh address is part of the address and stays."""
    if "://" not in url:
        return url
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    kept = f"{user.partition(':')[0]}@" if user and parts.scheme == "ssh" else ""
    return f"{parts.scheme}://{kept}{host}{parts.path}"
