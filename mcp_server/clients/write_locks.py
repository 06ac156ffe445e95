"""Claude Code's own locks: while one is held, no client writes the same file."""

from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path, PurePosixPath

from mcp_server.clients.claude import CONFIG_LOCK_DIES_AFTER, LOCK_DIES_AFTER, REFRESH_LOCK
from mcp_server.kernel.errors import OpsError
from mcp_server.system.containers import Container, Containers
from mcp_server.system.files import Files

STALE_AFTER = CONFIG_LOCK_DIES_AFTER.total_seconds() + 2
"Seconds: a little later than Claude Code itself would take a lock over."
_WAIT = 15.0
_WAIT_IN_CONTAINER = 30.0


def config_lock(files: Files, path: Path) -> AbstractContextManager[None]:
    """Hold Claude Code's lock of the file `path`; `conflict` after 15 s."""
    return files.directory_lock(path.with_name(f"{path.name}.lock"), STALE_AFTER, _WAIT)


def container_config_lock(
    containers: Containers, container: Container, path: PurePosixPath
) -> AbstractContextManager[None]:
    """The same for a file in a container; `conflict` after 30 s."""
    lock = path.with_name(f"{path.name}.lock")
    return containers.directory_lock(container, lock, STALE_AFTER, _WAIT_IN_CONTAINER)


@contextmanager
def refresh_lock(files: Files, folder: Path) -> Generator[None]:
    """Hold Claude Code's lock of the login in `folder`; `conflict` at once while a live process holds it."""
    with ExitStack() as held:
        try:
            held.enter_context(files.directory_lock(folder / REFRESH_LOCK, LOCK_DIES_AFTER.total_seconds()))
        except OpsError as error:
            if error.kind != "conflict":
                raise
            raise OpsError("conflict", f"a client is renewing the login in {folder}", error.next) from None
        yield
