"""Installs the guard's hooks in the git repository of a clone, and uninstalls them.

A hook that was there is kept as `<name>.ops-kept` and runs after the guard's. If `core.hooksPath` was set, the hooks
there run too.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from shlex import quote
from typing import Final

from mcp_server.guard.look_installed import KEPT, NAMES, POLICY, SCRIPT, STATE, TESTED
from mcp_server.guard.write_client_hook import Undo
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.policy import Policy
from mcp_server.operation.world import World
from mcp_server.system.git.hooks import HookFolders

_OURS: Final = b"ops guard: one file"
_OTHERS: Final = (
    "applypatch-msg pre-applypatch post-applypatch pre-merge-commit prepare-commit-msg commit-msg post-commit "
    "pre-rebase post-checkout post-merge pre-auto-gc post-rewrite sendemail-validate fsmonitor-watchman"
)
"Other hooks in the folder that `core.hooksPath` named: git no longer runs them, so the guard's hook does."
_MOVED: Final = ".legacy"
"The pre-commit framework renames a hook that it finds to this, and calls it: the guard's hook still works."


@dataclass(frozen=True)
class State:
    """A clone before the installation: its own `core.hooksPath`, the effective one, and Claude Code's settings.

    `scoped` has the value of each work tree that had one of its own.
    """

    local: str | None
    previous: str | None
    settings: Undo | None = None
    scoped: Mapping[str, str] = field(default_factory=dict[str, str])


def read_state(world: World, paths: HookFolders) -> State | None:
    """None if the guard is not installed."""
    path = paths.common / STATE
    if world.files.kind(path) == "absent":
        return None
    try:
        state = json.loads(world.files.read_text(path))
        settings = Undo(**state["settings"]) if state.get("settings") else None
        return State(state["local"], state["previous"], settings, state.get("scoped", {}))
    except (ValueError, KeyError, TypeError):
        raise OpsError("invalid", f"{path} cannot be parsed", f"Look at it: cat {quote(str(path))}") from None


def write_state(world: World, paths: HookFolders, state: State) -> bool:
    return _put(world, paths, paths.common / STATE, json.dumps(asdict(state)).encode(), 0o644)


def install_git_hooks(world: World, folder: Path, policy: str, before: State | None) -> tuple[State, bool]:
    """Returns the state before the installation, and whether anything was changed."""
    files, paths = world.files, world.git.hooks(folder)
    hooks = paths.common / "hooks"
    if files.kind(hooks) != "folder":
        raise OpsError("not_found", f"there is no folder {hooks}", f"Make it: mkdir {quote(str(hooks))}")
    state = before or State(paths.local, paths.configured)
    if paths.scoped is not None and paths.effective != hooks:
        state = replace(state, scoped={str(folder): paths.scoped, **state.scoped})
    if state != before:  # first, so that an interrupted installation can be undone
        write_state(world, paths, state)
    changed = _put(
        world,
        paths,
        paths.common / POLICY,
        f"{policy}previous={quote(state.previous or '')}\n".encode(),
        0o644,
    )
    script = files.read(world.pack / SCRIPT)
    for name in (*NAMES, *(_OTHERS.split() if state.previous else ())):
        path = hooks / name
        if files.kind(path) == "file" and _OURS not in (previous := files.read(path)):
            files.replace(hooks / (name + KEPT), previous, inside=paths.common, mode=files.mode(path))
        changed |= _put(world, paths, path, script, 0o755)
    if paths.effective != hooks:
        world.git.set_hooks_path(folder, str(hooks), scoped=paths.scoped is not None)
        changed = True
    return state, changed


def policy_text(policy: Policy, role: str | None) -> str:
    """The policy as shell variables, without `previous`."""
    values = {
        "protected": " ".join(policy.protected),
        "branches": " ".join(policy.allowed(role)) if role else "",
        "private": " ".join(policy.private),
        "role": role or "",
    }
    return "# Written by `ops guard install`.\n" + "".join(
        f"{name}={quote(value)}\n" for name, value in values.items()
    )


def uninstall_git_hooks(world: World, folder: Path, state: State, run: str) -> None:
    files, paths = world.files, world.git.hooks(folder)
    hooks = paths.common / "hooks"
    for name in (*NAMES, *_OTHERS.split(), *(name + _MOVED for name in NAMES)):
        path, kept = hooks / name, hooks / (name + KEPT)
        if files.kind(path) == "file" and _OURS in files.read(path):
            files.set_aside(path, run)
        if files.kind(kept) == "file":
            if files.kind(path) == "absent":  # else a newer hook has been installed there
                files.replace(path, files.read(kept), inside=paths.common, mode=files.mode(kept))
            files.set_aside(kept, run)
    if paths.local != state.local:
        world.git.set_hooks_path(folder, state.local)
    for tree in (folder, *world.git.linked(folder)):
        if str(tree) in state.scoped:
            world.git.set_hooks_path(tree, state.scoped[str(tree)], scoped=True)
    for name in (POLICY, STATE, TESTED):
        if files.kind(paths.common / name) == "file":
            files.set_aside(paths.common / name, run)


def _put(world: World, paths: HookFolders, path: Path, data: bytes, mode: int) -> bool:
    if world.files.kind(path) == "file" and world.files.read(path) == data and world.files.mode(path) == mode:
        return False
    world.files.replace(path, data, inside=paths.common, mode=mode)
    return True
