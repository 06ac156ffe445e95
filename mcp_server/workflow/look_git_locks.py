"""The lock files of git in a clone."""

from pathlib import Path

from mcp_server.kernel.errors import OpsError
from mcp_server.operation.world import World

_FOLDERS = (".", "refs/heads", "refs/remotes/origin")


def locks_in(world: World, clone: Path) -> tuple[Path, ...]:
    """The lock files that exist at this moment; none where the clone cannot be read."""
    folders = [clone / ".git" / folder for folder in _FOLDERS]
    try:
        return tuple(
            folder / name for folder in folders for name in world.files.names(folder) if name.endswith(".lock")
        )
    except OpsError:
        return ()
