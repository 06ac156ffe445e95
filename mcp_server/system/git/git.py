"""The clones of the fleet, by the git of this host. Everything but `change` and `set_hooks_path` only reads."""

import os
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from mcp_server.kernel.commit_message import Commit
from mcp_server.system.git import history
from mcp_server.system.git.answers import lines_of, output, output_if_any, refused
from mcp_server.system.git.diff import Change
from mcp_server.system.git.distance import Distances
from mcp_server.system.git.hooks import HookFolders, Proof, hook_folders, set_hooks_path, try_hooks
from mcp_server.system.git.index import may_hold
from mcp_server.system.git.process import run_git
from mcp_server.system.git.state import CloneState, refs_of, state_of
from mcp_server.system.git.unsaved import Unsaved, unsaved
from mcp_server.system.git.worktrees import boundary_of, common_folder, git_folder, linked_worktrees
from mcp_server.system.git.write_clone import CloneChanges
from mcp_server.system.git.write_commit import content

# The clone's own `remote.origin.uploadpack` would be a program to start.
_UPLOAD = "--upload-pack=git-upload-pack"
_FETCH = (
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-auto-maintenance",
    "--no-write-fetch-head",
    "--no-recurse-submodules",
    _UPLOAD,
)
_HOOKS = 600.0
"Seconds: a change runs the clone's hooks, which may run its tests."


class Git:
    """Git with the caller's `environment`; origin gets `patience` seconds to answer."""

    def __init__(self, environment: Mapping[str, str] | None = None, patience: float = 10.0) -> None:
        self._run = partial(run_git, environment=os.environ if environment is None else environment)
        self._patience = patience
        self.change = CloneChanges(partial(self._run, hooks=True, patience=_HOOKS))

    def state(self, clone: Path) -> CloneState:
        """The state of a clone; `invalid` if `clone` is not the root of a git work tree."""
        return state_of(clone, self._run)

    def clone_root(self, path: Path) -> Path | None:
        """The root of the work tree that contains `path`."""
        folder = path if path.is_dir() else path.parent
        code, out, error = self._run(folder, "rev-parse", "--show-toplevel")
        if code and "dubious ownership" in error:
            raise refused(folder, error)
        return None if code else Path(out)

    def refs(self, clone: Path) -> Mapping[str, str]:
        """The commits of the local branches (`refs/heads/..`) and of origin's as last fetched
        (`refs/remotes/origin/..`); for a symbolic ref such as origin's HEAD, the ref that it names.
        """
        return refs_of(clone, self._run)

    def committed(self, clone: Path, path: str) -> bytes | None:
        """The content of a file in HEAD, `path` being relative to the clone's root; None if it is not there."""
        blob = output_if_any(self._run, clone, "rev-parse", "--verify", "--quiet", f"HEAD:{path}")
        return content(partial(output, self._run), clone, blob) if blob else None

    def attribute(self, clone: Path, path: Path, name: str) -> str:
        """What `.gitattributes` sets for `path`, which need not exist: a value, `set`, `unset` or `unspecified`."""
        line = output(self._run, clone, "check-attr", "-z", name, "--", os.path.relpath(path, clone))
        return line.rstrip("\0").rpartition("\0")[2]

    def hooks(self, clone: Path) -> HookFolders:
        """Where git looks for the hooks of this clone; `invalid` if it is not a git clone."""
        return hook_folders(clone, self._run)

    def linked(self, clone: Path) -> tuple[Path, ...]:
        """The other work trees of the repository that exist, without its main one."""
        own = git_folder(clone)
        found = linked_worktrees(common_folder(own)) if own else ()
        return tuple(path for path, _ in found if path.is_dir() and not path.samefile(clone))

    def set_hooks_path(self, clone: Path, value: str | None, *, scoped: bool = False) -> None:
        """Set the clone's own `core.hooksPath`, or with `scoped` that of this work tree alone; None removes it."""
        set_hooks_path(clone, value, self._run, scoped=scoped)

    def try_hooks(self, hooks: Path, protected: str) -> Mapping[str, Proof]:
        """What git does with these hooks in a scratch repository, by the hook's name."""
        return try_hooks(hooks, protected, self._run)

    def commits(self, clone: Path, base: str, tip: str) -> tuple[tuple[str, str], ...]:
        """Hash and first line of each commit that `tip` has and `base` does not, the newest first."""
        return history.commits(self._run, clone, base, tip)

    def changes(self, clone: Path) -> tuple[Change, ...]:
        """The changes of the branch and the working tree since they left origin's default branch, by file;
        `unavailable` if origin's branch is not known. Untracked files are not included."""
        return history.changes(self._run, clone)

    def last_changes(self, clone: Path, folder: Path) -> Mapping[Path, datetime]:
        """When a commit of HEAD last changed each file below `folder`; empty before the first commit."""
        return history.last_changes(self._run, clone, folder)

    def names_ever(self, clone: Path, folder: str) -> frozenset[str]:
        """The names of the files that any commit of any branch changed in `folder`, a path in the repository."""
        return history.names_ever(self._run, clone, folder)

    def tags(self, clone: Path, merged: str | None = None) -> frozenset[str]:
        """The clone's tags; with `merged`, those that are part of the history of this commit."""
        return history.tags(self._run, clone, merged)

    def since(self, clone: Path, tag: str | None, tip: str) -> tuple[Commit, ...]:
        """The last 1,000 commits of `tip` that are not in `tag`, the newest first, without merges."""
        return history.since(self._run, clone, tag, tip)

    def origin_tags(self, clone: Path) -> frozenset[str] | None:
        """Origin's tags at this moment; None if origin does not answer."""
        listing = ("ls-remote", "--refs", _UPLOAD, "origin", "refs/tags/*")
        code, out, _ = self._run(clone, *listing, patience=self._patience)
        return None if code else frozenset(line.partition("refs/tags/")[2] for line in lines_of(out))

    def origin_head(self, clone: Path, branch: str) -> str | None:
        """The commit of `branch` on origin at this moment; None if origin does not answer, or has no such branch."""
        return self.remote_head(clone, branch, "origin") or None

    def remote_head(self, clone: Path, branch: str, remote: str) -> str | None:
        """The commit of `branch` on a remote; empty if it has no such branch, None if it does not answer."""
        ref = f"refs/heads/{branch}"
        code, out, _ = self._run(clone, "ls-remote", _UPLOAD, remote, ref, patience=self._patience)
        lines = (line.split("\t", 1) for line in lines_of(out))
        return None if code else next((line[0] for line in lines if line[1:] == [ref]), "")

    def unsaved(self, clone: Path, *, fetched: bool) -> tuple[Unsaved, ...]:
        """What would be lost with the clone; unknown without a fetch just before. `invalid` if it is not a clone."""
        code, answer, _ = self._run(clone, "ls-remote", _UPLOAD, "origin", patience=self._patience)
        is_known = code == 0 and fetched
        return tuple(unsaved(self._run, clone, answer if is_known else None, self.change.has_all))

    def fetch(self, clone: Path, remote: str = "origin") -> bool:
        """Bring `origin/*` up to date with every branch of origin; False if origin does not answer in time."""
        branches = f"+refs/heads/*:refs/remotes/{remote}/*"
        return self._run(clone, *_FETCH, remote, branches, patience=self._patience).code == 0

    def fetch_aside(self, clone: Path, branch: str, aside: Path, remote: str = "origin") -> bool:
        """Fetch a remote's `branch` into a bare repository, made at `aside`; in the clone not even a ref changes."""
        form = output(self._run, clone, "rev-parse", "--show-object-format")
        output(self._run, clone, "init", "--quiet", "--bare", f"--object-format={form}", str(aside))
        own = self._objects(clone)
        stores = {"GIT_OBJECT_DIRECTORY": str(aside / "objects"), "GIT_ALTERNATE_OBJECT_DIRECTORIES": own}
        fetching = (*_FETCH, "--refmap=", remote, f"refs/heads/{branch}")
        return self._run(clone, *fetching, patience=self._patience, variables=stores).code == 0

    def newest(self, clone: Path, commits: Collection[str], also: Collection[Path]) -> str | None:
        """The commit that descends from all the others; the commits of the clones `also` are visible too."""
        stores = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(map(self._objects, also))}
        listing = ("rev-list", "--topo-order", "--max-count=1", *sorted(commits))
        code, out, _ = self._run(clone, *listing, variables=stores)
        return None if code else out

    def distance(self, clone: Path, base: str, tip: str, also: Path | None = None) -> int | None:
        """How many commits `tip` has that `base` does not; None if the clone lacks one of them, or what is between.

        With `also`, the commits of that other clone are visible too; nothing is copied.
        """
        stores = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": self._objects(also)} if also else None
        own = git_folder(clone)
        boundary = boundary_of(common_folder(own)) if own else frozenset[str]()
        return Distances(self._run, clone, boundary, stores).only_in({tip}, base)

    def exposed(self, clone: Path, *paths: Path, state: CloneState | None = None) -> tuple[Path, ...]:
        """The paths that `git add .` would commit, or git tracks already.

        With the clone's `state` this starts no process if that and the index have none of them.
        """
        if state is not None and not may_hold(clone, paths, state.untracked):
            return ()
        listing = ("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--")
        names = {os.path.relpath(path, clone): path for path in paths}
        listed = output(self._run, clone, *listing, *names).split("\0")
        return tuple(p for name, p in names.items() if any(f"{each}/".startswith(f"{name}/") for each in listed))

    def tracks(self, clone: Path, path: Path) -> bool:
        """Whether git tracks this file; False in a folder that is not a clone."""
        return not self._run(clone, "ls-files", "--error-unmatch", "--", os.path.relpath(path, clone))[0]

    def unignored(self, clone: Path, names: Collection[str]) -> tuple[str, ...]:
        """Which of these paths in `clone`, existing or not, git would add: they are tracked or not ignored."""
        # This command does not support literal paths; the names are our own and have no pattern.
        code, out, error = self._run(clone, "--no-literal-pathspecs", "check-ignore", "--", *names)
        if code not in (0, 1):
            raise refused(clone, error)
        ignored = lines_of(out)
        return tuple(name for name in names if name not in ignored)

    def untracked(self, folder: Path, names: Collection[str]) -> tuple[str, ...]:
        """The outermost paths below these names in `folder` that hold nothing that git tracks, ignored or not.

        All that exist, where there is no clone.
        """
        there = [name for name in names if os.path.lexists(folder / name)]
        if not there or self.clone_root(folder) is None:
            return tuple(there)
        listed = output(self._run, folder, "ls-files", "--others", "--directory", "-z", "--", *there)
        return tuple(path.rstrip("/") for path in listed.split("\0") if path)

    def exclude_file(self, clone: Path) -> Path:
        """The file of the clone's own ignore rules, whether it exists or not."""
        return Path(output(self._run, clone, "rev-parse", "--path-format=absolute", "--git-path", "info/exclude"))

    def _objects(self, clone: Path) -> str:
        """The clone's object folder, quoted for git's list of alternates."""
        folder = output(self._run, clone, "rev-parse", "--path-format=absolute", "--git-path", "objects")
        return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
