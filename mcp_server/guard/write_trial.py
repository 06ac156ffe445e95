"""Trials of the layers of a clone's guard: whether each refuses what it must. The result is recorded in the clone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mcp_server.clients.claude_hook import LOCAL_SETTINGS, PRE_TOOL_USE, command_event, find_hook
from mcp_server.guard.client_hook import MARK
from mcp_server.guard.look_installed import TESTED, is_installed
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_text import parse_object
from mcp_server.kernel.shims import SHIMS
from mcp_server.operation.world import World
from mcp_server.system.git.hooks import Proof

_GH: Final = "gh"


def try_layers(world: World, clone: Path, protected: str, *, settings: bool, shims: bool) -> Mapping[str, Proof]:
    """Try git's hooks and, if they apply to this clone, the hook in Claude Code's settings and the `gh` shim."""
    folders = world.git.hooks(clone)
    elsewhere = {world.git.hooks(tree).effective for tree in world.git.linked(clone)} - {folders.effective}
    layers = dict(world.git.try_hooks(folders.effective, protected))
    for hooks in sorted(elsewhere):  # a layer that is inert in one work tree can be got around there
        layers |= {name: proof for name, proof in world.git.try_hooks(hooks, protected).items() if proof != "blocks"}
    if settings:
        layers[PRE_TOOL_USE] = _try_hook(world, clone, protected)
    if shims:
        layers[_GH] = _try_gh(world, clone)
    if is_installed(world, folders.common):
        when = world.clock.now().isoformat(timespec="seconds")
        record = json.dumps({"at": when, "hooks": str(folders.effective), "layers": layers})
        world.files.replace(folders.common / TESTED, record.encode(), inside=folders.common, mode=0o644)
    return layers


def _try_hook(world: World, clone: Path, protected: str) -> Proof:
    """Run the hook as Claude Code does, on a command that it must refuse and on one that it must let through."""
    path = clone / LOCAL_SETTINGS
    try:
        hook = find_hook(parse_object(world.files.read_text(path), path), MARK)
    except OpsError as error:
        return "inert" if error.kind == "not_found" else "unknown"
    if hook is None:
        return "inert"
    lines = (f"git push origin HEAD:{protected}", "git status")
    events = (command_event(line, str(clone)) for line in lines)
    refused, allowed = (world.run_program(("/bin/sh", "-c", hook), event, clone).out for event in events)
    return "blocks" if '"deny"' in refused and not allowed else "inert"


def _try_gh(world: World, clone: Path) -> Proof:
    """Run the `gh` shim in front of a stand-in for gh: it must refuse a merge and let `gh pr view` through."""
    shim, trial = world.pack / SHIMS / "gh", world.pack / "hooks" / "trial"
    lead = ("/usr/bin/env", f"PATH={trial}:/usr/bin:/bin", str(shim), "pr")
    merge = world.run_program((*lead, "merge", "1", "--admin"), "", clone)
    view = world.run_program((*lead, "view", "1"), "", clone)
    if merge.code is None or view.out != "ran\n":
        return "unknown"
    return "blocks" if merge.code == 1 and "ops guard" in merge.error else "inert"
