"""Changes in an agent's own clone, made by git with the clone's hooks. None of them discards a commit or a change."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.secrets.detector import scrub
from mcp_server.system.git.answers import Run
from mcp_server.system.git.write_commit import Part, commit_alone

_MOST_LINES = 6


class CloneChanges:
    """Changes in a clone; `run` starts git with hooks.

    `denied` if a hook refuses, `conflict` if git does; the clone is unchanged then.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def clone(self, origin: str, folder: Path) -> None:
        """Clone `origin` into `folder`, which must not exist; a clone that fails leaves nothing."""
        self._do(folder.parent, "clone", "--quiet", "--no-hardlinks", "--", origin, str(folder))

    def follow(self, clone: Path, branch: str, remote: str) -> None:
        """Fast-forward the local `branch` to the remote's as last fetched. It must not be checked out."""
        # Git itself refuses anything but a fast-forward, and a branch that any work tree has checked out.
        forward = f"refs/remotes/{remote}/{branch}:refs/heads/{branch}"
        self._do(clone, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", ".", forward)

    def switch(self, clone: Path, branch: str, start: str | None = None) -> None:
        """Check out `branch`; with `start`, create it there."""
        new = ("--no-track", "--create", branch, start) if start else ("--no-guess", branch)
        self._do(clone, "switch", "--quiet", *new)

    def rename(self, clone: Path, old: str, new: str) -> None:
        """Rename a local branch."""
        self._do(clone, "branch", "--move", old, new)

    def merge(self, clone: Path, commit: str) -> None:
        """Merge `commit` into the branch that is checked out, by fast-forward if possible."""
        try:
            self._do(clone, "merge", "--quiet", "--no-edit", commit)
        except OpsError:
            self._run(clone, "merge", "--abort")
            raise

    def take_over(self, clone: Path, commit: str) -> None:
        """Merge `commit` and take exactly its files: for a branch whose changes are all in it already."""
        message = f"Merge {commit}, which has these changes already"
        parents = ("-p", "HEAD", "-p", commit)
        self.merge(clone, self._do(clone, "commit-tree", *parents, "-m", message, f"{commit}^{{tree}}"))

    def commit(
        self, clone: Path, paths: Sequence[str], message: str, parts: Mapping[str, Part] | None = None
    ) -> tuple[str, ...]:
        """Commit these files of the clone and nothing else, whatever is staged; returns the paths that it changed.

        Paths are relative to the clone's root; a missing file is committed as removed. Of a file in `parts` only the
        change that its function makes to HEAD's version is committed, and its staged version keeps its other changes.
        Nothing is committed if HEAD has all of that already.
        """
        if not commit_alone(self._do, clone, paths, message, parts or {}):
            return ()
        changed = self._do(clone, "show", "--format=", "--name-only", "--no-renames", "-z", "HEAD")
        return tuple(name for name in changed.split("\0") if name)

    def push(self, clone: Path, branch: str) -> None:
        """Push `branch` to the branch of the same name on origin, never by force."""
        self._do(clone, "push", "--quiet", "origin", f"refs/heads/{branch}:refs/heads/{branch}")

    def has_all(self, clone: Path, base: str, tip: str) -> bool:
        """Whether `base` has every change of `tip`, even in other commits (a squash merge, a rebase)."""
        fork = self._do(clone, "merge-base", base, tip)
        squashed = self._do(clone, "commit-tree", "-p", fork, "-m", "all of it", f"{tip}^{{tree}}")
        return any(self._is_in(clone, base, each) for each in (tip, squashed))

    def _is_in(self, clone: Path, base: str, tip: str) -> bool:
        """`git cherry` marks the commits whose change is in `base` with a minus."""
        return not any(line.startswith("+") for line in self._do(clone, "cherry", base, tip).splitlines())

    def _do(self, clone: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> str:
        code, out, error = self._run(clone, *arguments, variables=variables)
        if code:
            raise _refused(clone, arguments, f"{error}\n{out}")
        return out


def _refused(clone: Path, arguments: tuple[str, ...], output: str) -> OpsError:
    lines = [scrub(line) for line in output.splitlines() if line.strip()]
    if guard := next((line for line in lines if line.startswith("ops guard: ")), None):
        step = next((line[6:] for line in lines if line.startswith("Next: ")), "Follow the guard's message")
        return OpsError("denied", guard, step)
    reason = shown("; ".join(lines[:_MOST_LINES]) or "it gave no reason", 400)
    by_hand = f"merge {arguments[-1]}" if arguments[0] == "merge" else "status"
    if arguments[0] == "clone":
        by_hand = f"ls-remote {quote(scrub(arguments[-2]))}"
    step = f"Look at it and do it by hand: git -C {quote(str(clone))} {by_hand}"
    return OpsError("conflict", f"git {arguments[0]} was refused in {clone}: {reason}", step)
