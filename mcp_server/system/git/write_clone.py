"""Changes in an agent's own clone, made by git with the clone's hooks. None of them discards anything."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.secret import scrub
from mcp_server.system.git.git import Part
from mcp_server.system.git.state import Run
from mcp_server.system.git.write_commit import commit_alone

_MOST_LINES = 6


class GitChanges:
    """`ports.CloneChanges`; `run` starts git with hooks."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def follow(self, clone: Path, branch: str) -> None:
        # Git itself refuses what is no fast-forward, and a branch that any work tree has checked out.
        forward = f"refs/remotes/origin/{branch}:refs/heads/{branch}"
        self._do(clone, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", ".", forward)

    def switch(self, clone: Path, branch: str, start: str | None = None) -> None:
        new = ("--no-track", "--create", branch, start) if start else ("--no-guess", branch)
        self._do(clone, "switch", "--quiet", *new)

    def rename(self, clone: Path, old: str, new: str) -> None:
        self._do(clone, "branch", "--move", old, new)

    def merge(self, clone: Path, commit: str) -> None:
        try:
            self._do(clone, "merge", "--quiet", "--no-edit", commit)
        except OpsError:
            self._run(clone, "merge", "--abort")
            raise

    def take_over(self, clone: Path, commit: str) -> None:
        message = f"Merge {commit}, which has these changes already"
        parents = ("-p", "HEAD", "-p", commit)
        self.merge(clone, self._do(clone, "commit-tree", *parents, "-m", message, f"{commit}^{{tree}}"))

    def commit(
        self, clone: Path, paths: Sequence[str], message: str, parts: Mapping[str, Part] | None = None
    ) -> tuple[str, ...]:
        if not commit_alone(self._do, clone, paths, message, parts or {}):
            return ()
        told = self._do(clone, "show", "--format=", "--name-only", "--no-renames", "-z", "HEAD")
        return tuple(name for name in told.split("\0") if name)

    def push(self, clone: Path, branch: str) -> None:
        self._do(clone, "push", "--quiet", "origin", f"refs/heads/{branch}:refs/heads/{branch}")

    def has_all(self, clone: Path, base: str, tip: str) -> bool:
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


def _refused(clone: Path, arguments: tuple[str, ...], told: str) -> OpsError:
    lines = [scrub(line) for line in told.splitlines() if line.strip()]
    if guard := next((line for line in lines if line.startswith("ops guard: ")), None):
        step = next((line[6:] for line in lines if line.startswith("Next: ")), "Do as the guard says")
        return OpsError("denied", guard, step)
    why = shown("; ".join(lines[:_MOST_LINES]) or "it gave no reason", 400)
    by_hand = f"merge {arguments[-1]}" if arguments[0] == "merge" else "status"
    step = f"Look, and do it by hand: git -C {quote(str(clone))} {by_hand}"
    return OpsError("conflict", f"git {arguments[0]} was refused in {clone}: {why}", step)
