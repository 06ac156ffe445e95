"""Where git looks for the hooks of a clone, and a trial of these hooks by git itself in a scratch repository."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mcp_server.kernel.errors import OpsError
from mcp_server.system.git.answers import Run, lines_of
from mcp_server.system.git.worktrees import hooks_in

_IDENTITY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "ops@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}

_OURS = "ops guard: "
"The prefix of the guard's refusals."

Proof = Literal["blocks", "inert", "unknown"]
"""The result of trying something that a layer of the guard must refuse."""


@dataclass(frozen=True)
class HookFolders:
    """Where the hooks of a work tree are, by `core.hooksPath`.

    `local` is the value of the clone, `scoped` that of this work tree alone, and `configured` the effective one.
    """

    common: Path
    "The repository's folder, shared by its work trees."
    local: str | None
    scoped: str | None
    effective: Path
    configured: str | None


def hook_folders(clone: Path, run: Run) -> HookFolders:
    """Where git looks for the hooks of this clone; `invalid` if it is not a git clone."""
    code, common, _ = run(clone, "rev-parse", "--path-format=absolute", "--git-common-dir")
    if code:
        raise OpsError("invalid", f"{clone} is not a git clone", "Name the root folder of a clone")
    _, local, _ = run(clone, "config", "--local", "--get", "core.hooksPath")
    # From any file; the options by which run_git disables hooks are left out.
    _, listed, _ = run(clone, "config", "--show-scope", "--get-all", "core.hooksPath")
    pairs = [line.partition("\t")[::2] for line in lines_of(listed) if not line.startswith("command\t")]
    values = [value for _, value in pairs]
    scoped = next((value for scope, value in reversed(pairs) if scope == "worktree"), None)
    effective = hooks_in(clone, Path(common), values)
    return HookFolders(Path(common), local or None, scoped, effective, values[-1] if values else None)


def set_hooks_path(clone: Path, value: str | None, run: Run, *, scoped: bool = False) -> None:
    """Set the clone's own `core.hooksPath`, or take it away; with `scoped` that of this work tree alone."""
    change = ("core.hooksPath", value) if value is not None else ("--unset", "core.hooksPath")
    code, _, error = run(clone, "config", "--worktree" if scoped else "--local", *change)
    if code not in (0, 5):  # 5: there was none
        raise OpsError("unavailable", f"git cannot write {clone}/.git/config: {error.strip()}", "Look at its owner")


def try_hooks(hooks: Path, protected: str, run: Run) -> dict[str, Proof]:
    """Let git do in a scratch repository what each of a clone's hooks must refuse; returns the results by hook.

    Only the guard's own refusal counts: another hook may fail just because something is missing in the scratch
    repository.
    """

    def git(folder: Path, hooks: Path | None, *arguments: str) -> tuple[bool, str]:
        path = ("-c", f"core.hooksPath={hooks}") if hooks else ()
        code, out, error = run(folder, *path, *arguments, variables=_IDENTITY)
        return code != 0 and _OURS in error, out

    from tempfile import TemporaryDirectory  # noqa: PLC0415  only for a trial

    with TemporaryDirectory(prefix="ops-guard-") as folder:
        scratch = Path(folder)
        ref = f"refs/heads/{protected}"
        git(scratch, None, "init", "--quiet", "--bare", "origin.git")
        git(scratch, None, "init", "--quiet", "work")
        work = scratch / "work"
        git(work, None, "remote", "add", "origin", str(scratch / "origin.git"))
        git(work, None, "symbolic-ref", "HEAD", ref)
        git(work, None, "commit", "--quiet", "--allow-empty", "-m", "first")
        first = git(work, None, "rev-parse", "HEAD")[1]
        git(work, None, "push", "--quiet", "origin", f"HEAD:{ref}")
        tree = git(work, None, "rev-parse", "HEAD^{tree}")[1]
        second = git(work, None, "commit-tree", "-p", first, "-m", "second", tree)[1]
        if not first or not second:
            return dict.fromkeys(("reference-transaction", "pre-commit", "pre-push"), "unknown")
        not_committed, _ = git(work, hooks, "hook", "run", "--ignore-missing", "pre-commit")
        not_pushed, _ = git(work, hooks, "push", "--quiet", "origin", f"{second}:{ref}")
        not_pushed &= git(scratch / "origin.git", None, "rev-parse", ref)[1] == first
        not_moved, _ = git(work, hooks, "update-ref", ref, second)
        not_moved &= git(work, None, "rev-parse", ref)[1] == first
        return {
            "reference-transaction": "blocks" if not_moved else "inert",
            "pre-commit": "blocks" if not_committed else "inert",
            "pre-push": "blocks" if not_pushed else "inert",
        }
