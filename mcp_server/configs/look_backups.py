"""The backups of a config: those of earlier runs, and those that Claude Code keeps itself."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from mcp_server.clients.claude import CONFIG_BACKUPS
from mcp_server.configs.desired import digest, leaves
from mcp_server.configs.dialects import DIALECTS
from mcp_server.configs.look_file import MOST_BYTES, AgentConfig, ConfigFile, decode
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.pointer import value_at
from mcp_server.operation.world import World

_DIGEST: Final = ".wrote"


def backups(world: World, file: ConfigFile) -> tuple[Path, ...]:
    """The backups that ops made of a config, the newest first; none of a config that is not written."""
    try:
        return world.files.backups(file.target(world))
    except OpsError:
        return ()


@dataclass(frozen=True)
class Restore:
    """What `config_sync` with `restore` would put in place of a config that is missing or cut off, and what of the
    cut-off file would be lost: pointers at which the backup has another value or none."""

    backup: Path
    made_at: datetime
    loses: tuple[str, ...]


def restore_of(world: World, file: ConfigFile, holds: Json) -> Restore | None:
    """The restore of a config whose first part still `holds` this; None without a backup."""
    backup = last_readable(world, file)
    if backup is None:
        return None
    old, now = file.parse(_text(world, backup)), holds if isinstance(holds, dict) else {}
    loses = (at for at, value in leaves(now, DIALECTS[file.kind]) if digest(value) != digest(value_at(old, at)))
    return Restore(backup, world.files.modified(backup), tuple(loses))


def last_readable(world: World, file: ConfigFile) -> Path | None:
    """The newest backup that can be parsed, among those of ops and of Claude Code."""
    home = file.home if isinstance(file, AgentConfig) else None
    folders = [folder / CONFIG_BACKUPS for folder in (file.path.parent, home) if folder]
    found = ((folder, name) for folder in folders for name in world.files.names(folder))
    by_client = (folder / name for folder, name in found if name.startswith(f"{file.name}.backup."))
    newest = sorted([*backups(world, file), *by_client], key=world.files.modified, reverse=True)
    return next((backup for backup in newest if is_readable(world, file, backup)), None)


def is_readable(world: World, file: ConfigFile, backup: Path) -> bool:
    """Whether a backup can be parsed as such a config and has members."""
    try:
        return bool(file.parse(_text(world, backup)))
    except OpsError:
        return False


def _text(world: World, backup: Path) -> str:
    return decode(world.files.read(backup, MOST_BYTES))


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
