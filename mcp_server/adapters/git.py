"""The clones of the fleet as git describes them. It only looks, see `git_process`."""

import os
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from shlex import quote
from urllib.parse import urlsplit

from mcp_server.adapters.git_diff import DIFF, parse_diff
from mcp_server.adapters.git_hooks import hook_places, set_hooks_path, try_hooks
from mcp_server.adapters.git_process import Ran, run_git
from mcp_server.domain.errors import OpsError, shown
from mcp_server.domain.secret import scrub
from mcp_server.ports import Change, CloneState, HookPlaces, Proof

_Run = Callable[..., Ran]
_ORIGINS = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master")


class GitPythonGit:
    """`ports.Git` with the git of this host; origin gets `patience` seconds to answer."""

    def __init__(self, environment: Mapping[str, str] | None = None, patience: float = 10.0) -> None:
        self._run = partial(run_git, environment=os.environ if environment is None else environment)
        self._patience = patience

    def state(self, clone: Path) -> CloneState:
        _require_root(self._run, clone)
        listing = ("status", "--porcelain=v2", "--branch", "-z", "--no-renames")
        branch, head, dirty = _status(_out(self._run, clone, *listing))
        named = _maybe(self._run, clone, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
        default = (named or "main").removeprefix("refs/remotes/origin/")
        tip = f"refs/remotes/origin/{default}^{{commit}}"
        tracked = _maybe(self._run, clone, "rev-parse", "--verify", "--quiet", tip)
        ahead, behind = _apart(self._run, clone, head, tracked) if head and tracked else (None, None)
        origin = _maybe(self._run, clone, "remote", "get-url", "origin")
        return CloneState(
            branch=branch,
            head=head,
            default_branch=default,
            tracked=tracked,
            ahead=ahead,
            behind=behind,
            protected_ahead=(self.distance(clone, tracked, f"refs/heads/{default}") or 0) if tracked else 0,
            dirty=dirty,
            origin=_without_credentials(origin) if origin else None,
        )

    def hooks(self, clone: Path) -> HookPlaces:
        return hook_places(clone, self._run)

    def set_hooks_path(self, clone: Path, value: str | None) -> None:
        set_hooks_path(clone, value, self._run)

    def try_hooks(self, hooks: Path, protected: str) -> Mapping[str, Proof]:
        return try_hooks(hooks, protected, self._run)

    def clone_root(self, path: Path) -> Path | None:
        folder = path if path.is_dir() else path.parent
        code, out, error = self._run(folder, "rev-parse", "--show-toplevel")
        if code and "dubious ownership" in error:
            raise _refused(folder, error)
        return None if code else Path(out)

    def origin_head(self, clone: Path, branch: str) -> str | None:
        ref = f"refs/heads/{branch}"
        # The clone's own `remote.origin.uploadpack` would be a program to start.
        ask = ("ls-remote", "--upload-pack=git-upload-pack", "origin", ref)
        code, out, _ = self._run(clone, *ask, patience=self._patience)
        lines = (line.split("\t", 1) for line in out.splitlines())
        return next((line[0] for line in lines if not code and line[1:] == [ref]), None)

    def distance(self, clone: Path, base: str, tip: str, also: Path | None = None) -> int | None:
        seen = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": _objects(self._run, also)} if also else None
        counting = ("rev-list", "--count", "--end-of-options", f"{base}..{tip}")
        code, out, _ = self._run(clone, *counting, variables=seen)
        return None if code else int(out)

    def exposed(self, clone: Path, path: Path) -> bool:
        listing = ("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--")
        return bool(_out(self._run, clone, *listing, os.path.relpath(path, clone)))

    def unignored(self, clone: Path, names: Collection[str]) -> tuple[str, ...]:
        # This command knows no literal paths; the names are ours and hold no pattern.
        code, out, error = self._run(clone, "--no-literal-pathspecs", "check-ignore", "--", *names)
        if code not in (0, 1):
            raise _refused(clone, error)
        ignored = out.splitlines()
        return tuple(name for name in names if name not in ignored)

    def fetch(self, clone: Path) -> bool:
        asking = (
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-auto-maintenance",
            "--no-write-fetch-head",
            "--upload-pack=git-upload-pack",
        )
        branches = "+refs/heads/*:refs/remotes/origin/*"
        return self._run(clone, *asking, "origin", branches, patience=self._patience).code == 0

    def names_ever(self, clone: Path, folder: str) -> frozenset[str]:
        listing = ("log", "--all", "--format=", "--name-only", "--no-renames", "-m", "--no-show-signature", "-z")
        told = _out(self._run, clone, *listing, "--", folder)
        return frozenset(path.rpartition("/")[2] for path in told.split("\0") if path)

    def attribute(self, clone: Path, path: Path, name: str) -> str:
        told = _out(self._run, clone, "check-attr", "-z", name, "--", os.path.relpath(path, clone))
        return told.rstrip("\0").rpartition("\0")[2]

    def changes(self, clone: Path) -> tuple[Change, ...]:
        since = next((r for r in _ORIGINS if _maybe(self._run, clone, "rev-parse", "-q", "--verify", r)), None)
        if since is None:
            step = f"Fetch it: git -C {quote(str(clone))} fetch origin"
            raise OpsError("unavailable", f"{clone} has no branch of origin to compare with", step)
        return parse_diff(_out(self._run, clone, *DIFF, since))

    def last_changes(self, clone: Path, folder: Path) -> Mapping[Path, datetime]:
        _require_root(self._run, clone)
        if _maybe(self._run, clone, "rev-parse", "--verify", "--quiet", "HEAD") is None:
            return {}
        listing = ("--format=%x01%ct", "--name-only", "--no-renames", "--no-show-signature", "-z")
        found: dict[Path, datetime] = {}
        when = datetime.fromtimestamp(0, UTC)
        for told in _out(self._run, clone, "log", *listing, "--", os.path.relpath(folder, clone)).split("\0"):
            part = told.removeprefix("\n")
            if part.startswith("\1"):
                when = datetime.fromtimestamp(int(part[1:]), UTC)
            elif part:
                found.setdefault(clone / part, when)
        return found


def _require_root(run: _Run, clone: Path) -> None:
    root = Path(_out(run, clone, "rev-parse", "--show-toplevel"))
    if not root.samefile(clone):
        raise OpsError(
            "invalid",
            f"{clone} is no clone of its own, it lies in {root}" + _broken_if_git_is_there(clone),
            f"See what is there: ls -la {quote(str(clone))}",
        )


def _out(run: _Run, clone: Path, *arguments: str) -> str:
    code, out, error = run(clone, *arguments)
    if code:
        raise _refused(clone, error)
    return out


def _maybe(run: _Run, clone: Path, *arguments: str) -> str | None:
    code, out, _ = run(clone, *arguments)
    return None if code else out


def _apart(run: _Run, clone: Path, head: str, tracked: str) -> tuple[int | None, int | None]:
    """Commits that only `head` has, and commits that only `tracked` has."""
    counting = ("rev-list", "--left-right", "--count", f"{head}...{tracked}")
    counts = _maybe(run, clone, *counting) if head != tracked else "0 0"
    ahead, behind = map(int, counts.split()) if counts else (None, None)
    return ahead, behind


def _objects(run: _Run, clone: Path) -> str:
    """The clone's object folder, quoted for git's list of alternates."""
    folder = _out(run, clone, "rev-parse", "--path-format=absolute", "--git-path", "objects")
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _status(out: str) -> tuple[str | None, str | None, int]:
    """Branch, head and the number of dirty paths, from `git status --porcelain=v2 --branch -z`."""
    lines = out.split("\0")
    facts = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# branch."))
    branch, head = facts["branch.head"], facts["branch.oid"]
    dirty = sum(line.startswith(("1 ", "u ", "? ")) for line in lines)
    return (None if branch == "(detached)" else branch), (None if head == "(initial)" else head), dirty


def _without_credentials(url: str) -> str:
    """`https://token@host/x` -> `https://host/x`; the user of an ssh address stays, it is part of the address."""
    if "://" not in url:
        return url
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    kept = f"{user.partition(':')[0]}@" if user and parts.scheme == "ssh" else ""
    return f"{parts.scheme}://{kept}{place}{parts.path}"


def _refused(clone: Path, error: str) -> OpsError:
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


def _broken_if_git_is_there(clone: Path) -> str:
    return ": its .git is broken" if os.path.lexists(clone / ".git") else ""
