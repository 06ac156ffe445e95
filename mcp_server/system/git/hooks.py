"""Where git looks for the hooks of a clone, and a trial of them by git itself, in a repository made for it."""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from mcp_server.kernel.errors import OpsError
from mcp_server.system.git.git import HookPlaces, Proof
from mcp_server.system.git.process import Ran

_IDENTITY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "ops@localhost" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}

_OURS = "ops guard: "
"How each of our refusals begins."


def hook_places(clone: Path, run: Callable[..., Ran]) -> HookPlaces:
    """`invalid` where `clone` is no git clone."""
    code, common, _ = run(clone, "rev-parse", "--path-format=absolute", "--git-common-dir")
    if code:
        raise OpsError("invalid", f"{clone} is not a git clone", "Name the root folder of a clone")
    _, local, _ = run(clone, "config", "--local", "--get", "core.hooksPath")
    # Whatever a file says; the options that keep git from running hooks are not among these.
    _, told, _ = run(clone, "config", "--show-scope", "--get-all", "core.hooksPath")
    said = [line.partition("\t")[2] for line in told.splitlines() if not line.startswith("command\t")]
    effective = clone / Path(said[-1]).expanduser() if said else Path(common) / "hooks"
    return HookPlaces(Path(common), local or None, effective, said[-1] if said else None)


def set_hooks_path(clone: Path, value: str | None, run: Callable[..., Ran]) -> None:
    """Set the clone's own `core.hooksPath`, or take it away."""
    change = ("core.hooksPath", value) if value is not None else ("--unset", "core.hooksPath")
    code, _, error = run(clone, "config", "--local", *change)
    if code not in (0, 5):  # 5: there was none
        raise OpsError("unavailable", f"git cannot write {clone}/.git/config: {error.strip()}", "Look at its owner")


def try_hooks(hooks: Path, protected: str, run: Callable[..., Ran]) -> dict[str, Proof]:
    """Let git do in a scratch repository what each hook must refuse: the hooks are a clone's, the refs are not.

    A refusal that is not ours proves nothing: another's hook may miss something in the scratch repository alone.
    """

    def git(folder: Path, hooks: Path | None, *arguments: str) -> tuple[bool, str]:
        path = ("-c", f"core.hooksPath={hooks}") if hooks else ()
        code, out, error = run(folder, *path, *arguments, variables=_IDENTITY)
        return code != 0 and _OURS in error, out

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
