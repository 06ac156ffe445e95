"""Where the agents' configs lie, and how one is read, locked, backed up and written."""

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mcp_server.domain.errors import OpsError
from mcp_server.domain.inventory import Agent
from mcp_server.domain.jsontext import parse_object
from mcp_server.ports import World

_WROTE: Final = ".wrote"
"Beside a backup: the digest of what was then written in its place."


@dataclass(frozen=True)
class ConfigFile:
    """One config: `path` as its client names it, `inside` the folder that no write leaves."""

    path: Path
    inside: Path

    def place(self, world: World) -> Path:
        """The file itself. Claude Code follows a link at `path` when it writes, and locks by the link's name (seen
        on 2.1.328); one that leads out of the agent's folder is refused."""
        files = world.files
        if files.kind(self.inside) == "link":  # two agents must not turn out to be one file
            where = self.inside
            raise OpsError("invalid", f"{where} is a symbolic link", f"Make a clone of its own at {where}")
        if files.kind(self.path) != "link":
            return self.path
        real = files.real(self.path)
        if not real.is_relative_to(files.real(self.inside)):
            problem = f"{self.path} is a symbolic link that leads out of {self.inside}, to {real}"
            raise OpsError("invalid", problem, f"Put a plain file at {self.path}")
        return real

    def text(self, world: World) -> str:
        """What it holds; `not_found` where there is none."""
        place = self.place(world)
        if world.files.kind(place) == "absent":
            raise _no_config(self, world.files.kind(self.inside) == "folder")
        return world.files.read_text(place)

    def lock(self, world: World) -> AbstractContextManager[None]:
        return world.files.config_lock(self.path)

    def write(self, world: World, data: bytes, run: str) -> Path | None:
        """Back it up, note beside the backup what is to come, replace it; gives where the backup lies."""
        place = self.place(world)
        backup = None
        if world.files.kind(place) != "absent":
            backup = world.files.back_up(place, run)
            note = _note_of(backup)
            world.files.replace(note, digest_of(data).encode(), inside=world.state, mode=0o600)
        world.files.replace(place, data, inside=self.inside)
        world.files.prune_backups(place, lambda found: is_good(world, found))
        return backup


@dataclass(frozen=True)
class AgentConfig(ConfigFile):
    """The config of one agent."""

    agent: Agent


def config_files(agents: Sequence[Agent]) -> tuple[AgentConfig, ...]:
    return tuple(AgentConfig(agent.config, agent.folder, agent) for agent in agents)


def last_good(world: World, file: ConfigFile) -> Path | None:
    """The newest backup that can be read, of ours and of those that Claude Code keeps in `backups/`."""
    kept = file.inside / "backups"
    theirs = (kept / name for name in world.files.names(kept) if name.startswith(f"{file.path.name}.backup."))
    found = [*world.files.backups(file.place(world)), *theirs]
    newest = sorted(found, key=world.files.modified, reverse=True)
    return next((backup for backup in newest if is_good(world, backup)), None)


def is_good(world: World, backup: Path) -> bool:
    try:
        return bool(parse_object(world.files.read_text(backup), backup))
    except OpsError:
        return False


def new_run(world: World) -> str:
    """A name for one run of a sync or rollback; later ones sort after it."""
    return f"{world.clock.now():%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(3)}"


def run_of(world: World, backup: Path) -> str | None:
    """The run that made this backup; None for one of Claude Code's."""
    root = world.state / "backups"
    return backup.relative_to(root).parts[0] if backup.is_relative_to(root) else None


def noted_digest(world: World, backup: Path) -> str:
    """`digest_of` what was written in the place of the file that `backup` holds."""
    return world.files.read_text(_note_of(backup))


def _note_of(backup: Path) -> Path:
    return backup.with_name(backup.name + _WROTE)


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _no_config(file: ConfigFile, folder: bool) -> OpsError:
    if not folder:
        return OpsError("not_found", f"there is no folder {file.inside}", f"Clone the repository to {file.inside}")
    return OpsError(
        "not_found",
        f"there is no {file.path}",
        f"Start Claude Code once with CLAUDE_CONFIG_DIR={file.inside}, or put back a backup, then plan again",
    )
