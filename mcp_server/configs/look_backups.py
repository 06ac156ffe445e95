"""The backups of a config: those of earlier runs, and those that Claude Code keeps itself."""

import hashlib
from pathlib import Path
from typing import Final

from mcp_server.clients.claude import CONFIG_BACKUPS
from mcp_server.configs.look_file import ConfigFile
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.world import World

_DIGEST: Final = ".wrote"


def backups(world: World, file: ConfigFile) -> tuple[Path, ...]:
    """The backups that ops made of a config, the newest first; none of a config that is not written."""
    try:
        return world.files.backups(file.target(world))
    except OpsError:
        return ()


def last_readable(world: World, file: ConfigFile) -> Path | None:
    """The newest backup that can be parsed, among those of ops and of Claude Code."""
    folder = file.path.parent / CONFIG_BACKUPS
    by_client = (folder / name for name in world.files.names(folder) if name.startswith(f"{file.name}.backup."))
    newest = sorted([*backups(world, file), *by_client], key=world.files.modified, reverse=True)
    return next((backup for backup in newest if is_readable(world, file, backup)), None)


def is_readable(world: World, file: ConfigFile, backup: Path) -> bool:
    """Whether a backup can be parsed as such a config and has members."""
    try:
        return bool(file.parse(world.files.read_text(backup)))
    except OpsError:
        return False


def run_of(world: World, backup: Path) -> str | None:
    """The run that made this backup; None for a backup of Claude Code."""
    root = world.state / "backups"
    return backup.relative_to(root).parts[0] if backup.is_relative_to(root) else None


def digest_path(backup: Path) -> Path:
    """The file beside a backup that holds the digest of the content that replaced it."""
    return backup.with_name(backup.name + _DIGEST)


def replacement_digest(world: World, backup: Path) -> str:
    """`digest_of` the content that was written in place of what `backup` holds."""
    return world.files.read_text(digest_path(backup))


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
