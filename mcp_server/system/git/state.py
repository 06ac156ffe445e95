"""How one clone stands, in as few git processes as tell it: they are what an audit of many clones waits for."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from shlex import quote
from urllib.parse import urlsplit

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.secret import scrub
from mcp_server.system.git.git import CloneState
from mcp_server.system.git.process import Ran

Run = Callable[..., Ran]

_SETTINGS = "remote.origin.url,core.worktree"


def state_of(clone: Path, run: Run) -> CloneState:
    """`invalid` where `clone` is not the root of a git work tree."""
    real = os.path.realpath(clone)
    # Git looks no further than here: a broken clone is not taken for the repository that it lies in.
    ceiling = {"GIT_CEILING_DIRECTORIES": str(Path(real).parent)}
    listing = ("status", "--porcelain=v2", "--branch", "-z", "--no-renames", "--untracked-files=normal")
    code, out, error = run(clone, *listing, variables=ceiling)
    refs, settings = _refs_and_settings(clone, run) if not code else ({}, {})
    if code or "core.worktree" in settings or os.pathsep in real:
        require_root(clone, run)
    if code:
        raise refused(clone, error)
    branch, head, changed = _status(out)
    default = refs.get("refs/remotes/origin/HEAD", "refs/remotes/origin/main").removeprefix("refs/remotes/origin/")
    tracked, own = refs.get(f"refs/remotes/origin/{default}"), refs.get(f"refs/heads/{default}")
    ahead, behind = _apart(run, clone, head, tracked) if head and tracked else (None, None)
    origin = settings.get("remote.origin.url")
    return CloneState(
        branch=branch,
        head=head,
        default_branch=default,
        tracked=tracked,
        ahead=ahead,
        behind=behind,
        protected_ahead=_only_in(run, clone, {own}, (tracked,)) or 0 if own and tracked else 0,
        dirty=len(changed),
        untracked=frozenset(line[2:] for line in changed if line.startswith("? ")),
        unpushed=_unpushed(run, clone, head, refs),
        origin=_without_credentials(origin) if origin else None,
    )


def require_root(clone: Path, run: Run) -> None:
    code, out, error = run(clone, "rev-parse", "--show-toplevel")
    if code:
        raise refused(clone, error)
    root = Path(out)
    if not root.samefile(clone):
        raise OpsError(
            "invalid",
            f"{clone} is no clone of its own, it lies in {root}" + _broken_if_git_is_there(clone),
            f"See what is there: ls -la {quote(str(clone))}",
        )


def refs_of(clone: Path, run: Run) -> dict[str, str]:
    """The commits of the branches here and of origin's as last fetched; of a symbolic one, the name it stands for."""
    return _refs_and_settings(clone, run)[0]


def _refs_and_settings(clone: Path, run: Run) -> tuple[dict[str, str], dict[str, str]]:
    """`refs_of`, and what the configuration in force says of `_SETTINGS`: one git tells both.

    It names settings in its trace (`GIT_TRACE2_CONFIG_PARAMS`, https://git-scm.com/docs/api-trace2): here on stderr,
    one JSON document a line, the last word of each last.
    """
    form = "--format=%(refname) %(objectname) %(symref)"
    asked = {"GIT_TRACE2_EVENT": "2", "GIT_TRACE2_CONFIG_PARAMS": _SETTINGS}
    _, out, told = run(clone, "for-each-ref", form, "refs/heads", "refs/remotes/origin", variables=asked)
    lines = [line.split(" ") for line in out.splitlines()]
    events = [json.loads(line) for line in told.splitlines() if line.startswith('{"event":"def_param"')]
    refs = {name: symbolic or commit for name, commit, symbolic in lines}
    return refs, {str(event["param"]): str(event["value"]) for event in events}


def refused(clone: Path, error: str) -> OpsError:
    """What git said of a clone, as a foreseen refusal."""
    look = f"See what is there: ls -la {quote(str(clone))}"
    if not clone.is_dir():
        return OpsError("not_found", f"there is no folder {clone}", f"Check: ls -la {quote(str(clone.parent))}")
    if "dubious ownership" in error:
        trust = f"If you trust it: git config --global --add safe.directory {quote(str(clone))}"
        return OpsError("denied", f"git refuses {clone}: the clone belongs to another user", trust)
    if "not a git repository" in error:
        return OpsError("invalid", f"{clone} is not a git clone" + _broken_if_git_is_there(clone), look)
    if "must be run in a work tree" in error:
        return OpsError("invalid", f"{clone} is a bare repository, not a clone to work in", look)
    reason = next((line for line in error.splitlines() if line.strip()), "no reason given")
    message = f"git cannot read {clone}: {shown(scrub(reason), 200)}"
    return OpsError("unavailable", message, f"See how much is lost: git -C {quote(str(clone))} fsck")


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


def _apart(run: Run, clone: Path, head: str, tracked: str) -> tuple[int | None, int | None]:
    """Commits that only `head` has, and commits that only `tracked` has."""
    if head == tracked:
        return 0, 0
    code, out, _ = run(clone, "rev-list", "--left-right", "--count", f"{head}...{tracked}")
    ahead, behind = (None, None) if code else map(int, out.split())
    return ahead, behind


def _status(out: str) -> tuple[str | None, str | None, list[str]]:
    """Branch, head and the lines of dirty paths, from `git status --porcelain=v2 --branch -z`."""
    lines = out.split("\0")
    facts = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# branch."))
    branch, head = facts["branch.head"], facts["branch.oid"]
    changed = [line for line in lines if line.startswith(("1 ", "u ", "? "))]
    return (None if branch == "(detached)" else branch), (None if head == "(initial)" else head), changed


def _without_credentials(url: str) -> str:
    """`https://token@host/x` -> `https://host/x`; the user of an ssh address stays, it is part of the address."""
    if "://" not in url:
        return url
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    kept = f"{user.partition(':')[0]}@" if user and parts.scheme == "ssh" else ""
    return f"{parts.scheme}://{kept}{place}{parts.path}"


def _broken_if_git_is_there(clone: Path) -> str:
    return ": its .git is broken" if os.path.lexists(clone / ".git") else ""
