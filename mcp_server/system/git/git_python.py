"""The clones of the fleet as git describes them. It only looks, see `git_process`."""

import os
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from shlex import quote

from mcp_server.kernel.commit_message import Commit
from mcp_server.kernel.errors import OpsError
from mcp_server.system.git.diff import DIFF, parse_diff
from mcp_server.system.git.git import Change, CloneState, HookPlaces, Proof
from mcp_server.system.git.hooks import hook_places, set_hooks_path, try_hooks
from mcp_server.system.git.index import may_hold
from mcp_server.system.git.process import run_git
from mcp_server.system.git.state import Run, refs_of, refused, require_root, state_of
from mcp_server.system.git.write_clone import GitChanges
from mcp_server.system.git.write_commit import content

_TAGS = "refs/tags/v[0-9]*.[0-9]*.[0-9]*"
_ORIGINS = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master")

# The clone's own `remote.origin.uploadpack` would be a program to start.
_UPLOAD = "--upload-pack=git-upload-pack"
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-auto-maintenance", "--no-write-fetch-head", _UPLOAD)


_HOOKS = 600.0
"Seconds: a change runs the clone's hooks, which may run its tests."


class GitPythonGit:
    """`ports.Git` with the git of this host; origin gets `patience` seconds to answer."""

    def __init__(self, environment: Mapping[str, str] | None = None, patience: float = 10.0) -> None:
        self._run = partial(run_git, environment=os.environ if environment is None else environment)
        self._patience = patience
        self.change = GitChanges(partial(self._run, hooks=True, patience=_HOOKS))

    def state(self, clone: Path) -> CloneState:
        return state_of(clone, self._run)

    def committed(self, clone: Path, path: str) -> bytes | None:
        blob = _maybe(self._run, clone, "rev-parse", "--verify", "--quiet", f"HEAD:{path}")
        return content(partial(_out, self._run), clone, blob) if blob else None

    def refs(self, clone: Path) -> Mapping[str, str]:
        return refs_of(clone, self._run)

    def commits(self, clone: Path, base: str, tip: str) -> tuple[tuple[str, str], ...]:
        listing = ("log", "--format=%H %s", "--no-show-signature", "--end-of-options", f"{base}..{tip}")
        lines = (line.partition(" ") for line in _out(self._run, clone, *listing).splitlines())
        return tuple((commit, subject) for commit, _, subject in lines)

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
            raise refused(folder, error)
        return None if code else Path(out)

    def origin_head(self, clone: Path, branch: str) -> str | None:
        ref = f"refs/heads/{branch}"
        ask = ("ls-remote", _UPLOAD, "origin", ref)
        code, out, _ = self._run(clone, *ask, patience=self._patience)
        lines = (line.split("\t", 1) for line in out.splitlines())
        return next((line[0] for line in lines if not code and line[1:] == [ref]), None)

    def newest(self, clone: Path, commits: Collection[str], also: Collection[Path]) -> str | None:
        seen = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(_objects(self._run, other) for other in also)}
        code, out, _ = self._run(clone, "rev-list", "--topo-order", "--max-count=1", *sorted(commits), variables=seen)
        return None if code else out

    def fetch_aside(self, clone: Path, branch: str, aside: Path) -> bool:
        _out(self._run, clone, "init", "--quiet", "--bare", str(aside))
        own = _objects(self._run, clone)
        places = {"GIT_OBJECT_DIRECTORY": str(aside / "objects"), "GIT_ALTERNATE_OBJECT_DIRECTORIES": own}
        asking = (*_FETCH, "--refmap=", "origin", f"refs/heads/{branch}")
        return self._run(clone, *asking, patience=self._patience, variables=places).code == 0

    def distance(self, clone: Path, base: str, tip: str, also: Path | None = None) -> int | None:
        seen = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": _objects(self._run, also)} if also else None
        counting = ("rev-list", "--count", "--end-of-options", f"{base}..{tip}")
        code, out, _ = self._run(clone, *counting, variables=seen)
        return None if code else int(out)

    def exposed(self, clone: Path, *paths: Path, state: CloneState | None = None) -> tuple[Path, ...]:
        if state is not None and not may_hold(clone, paths, state.untracked):
            return ()
        listing = ("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--")
        names = {os.path.relpath(path, clone): path for path in paths}
        told = _out(self._run, clone, *listing, *names).split("\0")
        return tuple(p for name, p in names.items() if any(f"{each}/".startswith(f"{name}/") for each in told))

    def unignored(self, clone: Path, names: Collection[str]) -> tuple[str, ...]:
        # This command knows no literal paths; the names are ours and hold no pattern.
        code, out, error = self._run(clone, "--no-literal-pathspecs", "check-ignore", "--", *names)
        if code not in (0, 1):
            raise refused(clone, error)
        ignored = out.splitlines()
        return tuple(name for name in names if name not in ignored)

    def fetch(self, clone: Path) -> bool:
        branches = "+refs/heads/*:refs/remotes/origin/*"
        return self._run(clone, *_FETCH, "origin", branches, patience=self._patience).code == 0

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

    def origin_tags(self, clone: Path) -> frozenset[str] | None:
        ask = ("ls-remote", "--refs", "--upload-pack=git-upload-pack", "origin", _TAGS)
        code, out, _ = self._run(clone, *ask, patience=self._patience)
        return None if code else frozenset(line.rpartition("/")[2] for line in out.splitlines())

    def tags(self, clone: Path) -> frozenset[str]:
        listed = _out(self._run, clone, "for-each-ref", "--format=%(refname:lstrip=2)", _TAGS)
        return frozenset(listed.splitlines())

    def since_tag(self, clone: Path, tip: str) -> tuple[str | None, tuple[Commit, ...]]:
        tag = _maybe(self._run, clone, "describe", "--tags", "--abbrev=0", f"--match={Path(_TAGS).name}", tip)
        listing = ("log", "--no-merges", "--no-show-signature", "-z", "--format=%H%x1f%an%x1f%s%x1f%b", "-n", "1000")
        told = _out(self._run, clone, *listing, "--end-of-options", f"{tag}..{tip}" if tag else tip)
        return tag, tuple(Commit(*record.split("\x1f", 3)) for record in told.split("\0") if record)

    def last_changes(self, clone: Path, folder: Path) -> Mapping[Path, datetime]:
        require_root(clone, self._run)
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


def _out(run: Run, clone: Path, *arguments: str) -> str:
    code, out, error = run(clone, *arguments)
    if code:
        raise refused(clone, error)
    return out


def _maybe(run: Run, clone: Path, *arguments: str) -> str | None:
    code, out, _ = run(clone, *arguments)
    return None if code else out


def _objects(run: Run, clone: Path) -> str:
    """The clone's object folder, quoted for git's list of alternates."""
    folder = _out(run, clone, "rev-parse", "--path-format=absolute", "--git-path", "objects")
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
