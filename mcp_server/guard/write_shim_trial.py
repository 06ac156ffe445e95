"""A trial of the `gh` in front of gh, with a stand-in for the real one: no server hears of it."""

from pathlib import Path
from typing import Final

from mcp_server.kernel.shims import SHIMS
from mcp_server.operation.world import World
from mcp_server.system.git.git import Proof

LAYER: Final = "gh"


def try_gh(world: World, clone: Path) -> Proof:
    """Whether it refuses a merge, and lets a look through."""
    shim, trial = world.pack / SHIMS / "gh", world.pack / "hooks" / "trial"
    lead = ("/usr/bin/env", f"PATH={trial}:/usr/bin:/bin", str(shim), "pr")
    merge = world.consult((*lead, "merge", "1", "--admin"), "", clone)
    look = world.consult((*lead, "view", "1"), "", clone)
    if merge.code is None or look.out != "ran\n":
        return "unknown"
    return "blocks" if merge.code == 1 and "ops guard" in merge.error else "inert"
