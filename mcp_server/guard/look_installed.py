"""Whether the guard of a clone is in force: the result of the last test, if no file has changed since."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mcp_server.clients.claude_hook import LOCAL_SETTINGS, PRE_TOOL_USE, find_hook
from mcp_server.guard.client_hook import MARK
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_text import parse_object
from mcp_server.operation.world import World
from mcp_server.system.git.hooks import Proof

NAMES = ("reference-transaction", "pre-commit", "pre-push")
SCRIPT = Path("hooks/githooks/guard.sh")
KEPT = ".ops-kept"
POLICY, STATE, TESTED = "ops-guard.policy", "ops-guard.state.json", "ops-guard.tested.json"
"The guard's own files in the `.git` folder of a clone."


def is_installed(world: World, common: Path) -> bool:
    """Whether the clone has the three hooks of this version of the guard, and they are executable."""
    files, script = world.files, world.files.read(world.pack / SCRIPT)
    paths = [common / "hooks" / name for name in NAMES]
    return all(files.kind(p) == "file" and files.mode(p) & 0o100 and files.read(p) == script for p in paths)


@dataclass(frozen=True)
class HooksOf:
    """Where git looks for the hooks of each work tree of a clone; `common` is the folder of the repository."""

    common: Path
    looked: Mapping[Path, Path]

    @property
    def astray(self) -> tuple[Path, ...]:
        """The work trees where git looks for hooks elsewhere than in the folder of the guard."""
        hooks = os.path.realpath(self.common / "hooks")
        return tuple(tree for tree, folder in self.looked.items() if os.path.realpath(folder) != hooks)


def guard_state(world: World, clone: Path, hooks: HooksOf) -> Proof:
    """`inert` if the hooks are not installed or git looks elsewhere; `unknown` if they were never tested."""
    try:
        if not is_installed(world, hooks.common):
            return "inert"
        if world.files.kind(hooks.common / TESTED) == "absent":
            return "unknown"
        tested = json.loads(world.files.read_text(hooks.common / TESTED))
        proofs = set(tested["layers"].values())
        if PRE_TOOL_USE in tested["layers"] and not _has_hook(world, clone / LOCAL_SETTINGS):
            return "inert"
    except (OpsError, ValueError, KeyError, AttributeError, TypeError):
        return "unknown"
    return "blocks" if proofs == {"blocks"} and not hooks.astray else "inert"


def tested_at(world: World, common: Path) -> str | None:
    """When the hooks were last tested, ISO 8601; None if they never were."""
    try:
        return str(json.loads(world.files.read_text(common / TESTED))["at"])
    except (OpsError, ValueError, KeyError, TypeError):
        return None


def _has_hook(world: World, settings: Path) -> bool:
    if world.files.kind(settings) != "file":
        return False
    return find_hook(parse_object(world.files.read_text(settings), settings), MARK) is not None
