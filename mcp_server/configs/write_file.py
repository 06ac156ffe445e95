"""Writing one config: locked, backed up, and only if it is still what was read."""

import secrets
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path

from mcp_server.clients.write_locks import config_lock, container_config_lock
from mcp_server.configs.dialects import CLONE_KINDS
from mcp_server.configs.look_backups import digest_of, digest_path, is_readable
from mcp_server.configs.look_file import AgentConfig, ConfigFile, ContainedConfig, MountedConfig
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.operation.world import World


class ChangedError(OpsError):
    """The file changed between the read and the write; nothing was written."""


def new_run(world: World) -> str:
    """A name for one run of a sync, rollback or capture; names sort in the order of the runs."""
    return f"{world.clock.now():%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(3)}"


def fleet_lock(ctx: Context) -> AbstractContextManager[None]:
    """The lock that one run at a time holds while it writes configs of the fleet."""
    return ctx.world.files.lock(f"configs-{ctx.key}")


def client_lock(world: World, file: ConfigFile) -> AbstractContextManager[None]:
    """The lock that Claude Code itself takes to write the config."""
    if isinstance(file, ContainedConfig | MountedConfig) and file.container:
        return container_config_lock(world.containers, file.container, file.inner_path)
    return _config_locks(world, file)


@contextmanager
def _config_locks(world: World, file: ConfigFile) -> Generator[None]:
    """The lock beside the config, and that beside the link to it by which the agent's client opens it."""
    link = file.home / file.name if isinstance(file, AgentConfig) and file.home else None
    with ExitStack() as held:
        held.enter_context(config_lock(world.files, file.path))
        if link and world.files.kind(link) == "link":
            held.enter_context(config_lock(world.files, link))
        yield


def write(  # noqa: PLR0913  (one write: what was read, what is written, and who holds the lock)
    world: World, file: ConfigFile, before: bytes | None, data: bytes, run: str, *, locked: bool = False
) -> Path | None:
    """Replace `before`, the content that was read, by `data`; `locked` if the caller holds `client_lock`.

    Returns the path of the backup of `before`; the digest of `data` is in a file beside it. Raises `ChangedError` if
    the file holds something else by now.

    Claude Code writes without its lock if it finds it taken. So the lock is held, and the file compared,
    for the final rename only. Afterwards the file may already hold the next write of a session: read it back.
    """
    target, backup = file.target(world), None
    if before is None and file.kind in CLONE_KINDS and target.parent != file.folder:
        world.files.make_folder(target.parent, inside=file.folder)
    if before is not None:
        backup = world.files.keep(target, before, run)
        world.files.replace(digest_path(backup), digest_of(data).encode(), inside=world.state, mode=0o600)
    lock = nullcontext() if locked else client_lock(world, file)
    _put(world, file, data, _unless_changed(world, file, before, lock))
    world.files.prune_backups(target, lambda found: is_readable(world, file, found))
    return backup


def _put(world: World, file: ConfigFile, data: bytes, around: AbstractContextManager[None]) -> None:
    match file:
        case ContainedConfig():
            with around:
                world.containers.replace(file.container, file.inner_path, data)
        case MountedConfig():
            world.files.write_over(file.target(world), data, inside=file.folder, around=around)
        case _:
            world.files.replace(file.target(world), data, inside=file.folder, around=around)


@contextmanager
def _unless_changed(
    world: World, file: ConfigFile, before: bytes | None, lock: AbstractContextManager[None]
) -> Generator[None]:
    with lock:
        if file.read(world) != before:
            raise ChangedError("conflict", f"{file.path} changes all the time", "Run the same again in a minute")
        yield
