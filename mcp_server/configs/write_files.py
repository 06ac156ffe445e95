"""How a config is read, locked, backed up and written."""

import hashlib
import secrets
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from mcp_server.configs.formats import FORMS
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent, Client
from mcp_server.operation.world import World

_WROTE: Final = ".wrote"
"Beside a backup: the digest of what was then written in its place."


class ChangedError(OpsError):
    """Somebody wrote the file between our look and our write; nothing was written."""


@dataclass(frozen=True)
class ConfigFile:
    """One config: its `name` in `inside`, the folder that no write leaves."""

    inside: Path
    name: str
    client: Client = "claude"
    "Whose form it has."

    @cached_property
    def path(self) -> Path:
        """As its client names it."""
        return self.inside / self.name

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

    def held(self, world: World) -> bytes | None:
        """The bytes that stand there; None for nothing."""
        place = self.place(world)
        return None if world.files.kind(place) == "absent" else world.files.read(place)

    def text(self, world: World) -> str:
        """What it holds; `not_found` where there is none."""
        data = self.held(world)
        if data is None:
            return self.new(world)
        return utf8(data, self.path)

    def new(self, world: World) -> str:
        """What it begins with where there is none."""
        raise _no_config(self, world.files.kind(self.inside) == "folder")

    def lock(self, world: World) -> AbstractContextManager[None]:
        return world.files.config_lock(self.path)

    def backups(self, world: World) -> tuple[Path, ...]:
        """Ours, the newest first; none of a file that is not written."""
        try:
            return world.files.backups(self.place(world))
        except OpsError:
            return ()

    def put(self, world: World, data: bytes, around: AbstractContextManager[None]) -> None:
        world.files.replace(self.place(world), data, inside=self.inside, around=around)

    def parse(self, text: str) -> dict[str, Json]:
        return FORMS[self.client].parse(text, self.path)

    def is_good(self, world: World, backup: Path) -> bool:
        """Whether a backup can be read as such a file."""
        try:
            return bool(self.parse(world.files.read_text(backup)))
        except OpsError:
            return False

    def write(
        self, world: World, before: bytes | None, data: bytes, run: str, *, locked: bool = False
    ) -> Path | None:
        """Put `data` in the place of `before`, what was read there; `ChangedError` if something else stands there.

        Gives where the backup lies; the digest of what came after lies beside it. Claude Code that finds its lock
        taken writes all the same, without it (seen on 2.1.328): so the lock is held, and the file compared, for the
        rename alone. What stands afterwards may already be a session's next write: read it back.
        """
        place, backup = self.place(world), None
        if before is not None:
            backup = world.files.keep(place, before, run)
            world.files.replace(_note_of(backup), digest_of(data).encode(), inside=world.state, mode=0o600)
        self.put(world, data, self._unless_changed(world, before, nullcontext() if locked else self.lock(world)))
        world.files.prune_backups(place, lambda found: self.is_good(world, found))
        return backup

    @contextmanager
    def _unless_changed(
        self, world: World, before: bytes | None, lock: AbstractContextManager[None]
    ) -> Generator[None]:
        with lock:
            if self.held(world) != before:
                raise ChangedError("conflict", f"{self.path} changes all the time", "Run the same again in a minute")
            yield


@dataclass(frozen=True)
class AgentConfig(ConfigFile):
    """The config of one agent."""

    agent: Agent = field(kw_only=True)

    def new(self, world: World) -> str:
        """Only Claude Code would start its onboarding over a new file: the others are content with any."""
        if self.client != "claude":
            return FORMS[self.client].empty
        if (other := self.agent.client) != "claude":
            step = f"Nothing; to keep its own config in step, name a {other}_master in fleet.toml"
            raise OpsError("not_found", f"there is no {self.path}, and {other} reads none", step)
        return super().new(world)


def last_good(world: World, file: ConfigFile) -> Path | None:
    """The newest backup that can be read, of ours and of those that Claude Code keeps in `backups/`."""
    kept = file.path.parent / "backups"
    theirs = (kept / name for name in world.files.names(kept) if name.startswith(f"{file.path.name}.backup."))
    found = [*file.backups(world), *theirs]
    newest = sorted(found, key=world.files.modified, reverse=True)
    return next((backup for backup in newest if file.is_good(world, backup)), None)


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


def utf8(data: bytes, path: Path) -> str:
    """`data` as text; `invalid` names the byte that is none."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"{path} is not UTF-8 text: byte {error.start} cannot be read"
        raise OpsError("invalid", problem, f"Look at it with: file {path}") from None


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
