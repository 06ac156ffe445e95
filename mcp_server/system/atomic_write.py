"""The one way in which a file of somebody's is replaced: written beside, synced, renamed. Killed anywhere, the old or
the new file stands; what a killed writer left beside is swept by a later one."""

import errno
import os
import re
import stat
import time
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from mcp_server.kernel.cancellation import begin_change
from mcp_server.kernel.errors import OpsError, refused_by_os

_LEFTOVER_AFTER = 600.0
"Seconds: no write takes that long. Not told by process ids, which mean nothing across containers."


def replace_file(
    path: Path, data: bytes, old: os.stat_result | None, mode: int | None, around: AbstractContextManager[None]
) -> None:
    """Make `data` the content of `path`, with `mode`, else the mode and owner of `old`, else 0600.

    `around` is entered for the rename alone, when the new file is on the disk already.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    # Begins with the file's name, so that an ignore rule such as `.claude.json*` covers it.
    temporary = f"{path.name}.tmp.ops-{os.getpid()}-{os.urandom(4).hex()}"
    try:
        _sweep(folder, path.name)
        try:
            _write_new(temporary, data, old, mode, folder)
            with around:
                begin_change()
                os.rename(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            _remove(temporary, folder)
            raise
        unsure = f"{path} is written, but the disk does not confirm it"
        with refused_by_os(unsure, "Check the disk, then run the same again"):
            os.fsync(folder)
    finally:
        os.close(folder)


def write_over(path: Path, data: bytes) -> None:
    """Give the file at `path` another content: for a mounted one, which a rename would part from its mount.

    Killed within its one write it may leave a mixture, so the caller has a backup; where the disk fails, the old
    content is put back. Padded with blanks before it is cut: killed in between, a JSON text is whole all the same.
    """
    begin_change()
    with os.fdopen(os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC), "r+b", buffering=0) as file:
        old = file.readall()
        try:
            _over(file.fileno(), data, len(old))
        except OSError:
            _over(file.fileno(), old, len(data))
            raise


def _over(fd: int, data: bytes, length: int) -> None:
    padded = data.ljust(length)
    if os.pwrite(fd, padded, 0) != len(padded):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.ftruncate(fd, len(data))
    os.fsync(fd)


def remove_unchanged(path: Path, data: bytes) -> None:
    """Remove `path`, which holds `data`. Had somebody just written something else there, it stays."""
    held = path.with_name(f"{path.name}.going-{os.urandom(4).hex()}")  # as above, and never swept
    begin_change()
    with refused_by_os(f"{path} was not taken away", f"Check the rights of {path.parent}"):
        path.rename(held)
        if held.read_bytes() == data:
            held.unlink()
            return
        with suppress(FileExistsError):  # a still newer one: then both stay
            os.link(held, path)
            held.unlink()
    raise OpsError("conflict", f"{path} changed while it was set aside; it stays", "Run the same again")


def _sweep(folder: int, name: str) -> None:
    leftover = re.compile(re.escape(name) + r"\.tmp\.ops-\d+-[0-9a-f]{8}")
    for found in os.listdir(folder):  # by descriptor: the folder that is written to, whatever its path
        if leftover.fullmatch(found):
            with suppress(OSError):
                if time.time() - os.stat(found, dir_fd=folder, follow_symlinks=False).st_mtime > _LEFTOVER_AFTER:
                    _remove(found, folder)


def _write_new(name: str, data: bytes, old: os.stat_result | None, mode: int | None, folder: int) -> None:
    fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=folder)
    with os.fdopen(fd, "wb") as file:
        if old is not None and (old.st_uid, old.st_gid) != (os.getuid(), os.getgid()):
            os.fchown(fd, old.st_uid, old.st_gid)
        os.fchmod(fd, mode if mode is not None else stat.S_IMODE(old.st_mode) if old else 0o600)
        file.write(data)
        file.flush()
        os.fsync(fd)


def _remove(name: str, folder: int) -> None:
    with suppress(OSError):  # nothing was made, or the rename took it; the error that led here is the one to tell
        os.unlink(name, dir_fd=folder)
