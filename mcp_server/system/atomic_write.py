"""Atomic replacement of a file: a new one is written beside it, synced and renamed. Whenever the process is killed,
either the old or the new file is there; a later writer removes what a killed one left."""

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
"Seconds: no write takes that long. Process ids would not help: they mean nothing across containers."


def replace_file(
    path: Path, data: bytes, old: os.stat_result | None, mode: int | None, around: AbstractContextManager[None]
) -> None:
    """Make `data` the content of `path`, with `mode`, else the mode and owner of `old`, else 0600.

    `around` is entered only for the rename, after the new file has been synced.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    # Starts with the file's name, so that an ignore rule with a `*` at its end covers it.
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
    """Overwrite the file at `path` in place: for a mounted file, which a rename would separate from its mount.

    A kill during its single write may leave a mixture, so the caller needs a backup; if the disk fails, the old
    content is restored. The text is padded with blanks before it is cut, so that JSON is valid in between, too.
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
    """Remove `path` if its content is `data`; `conflict` if somebody has just written something else there."""
    held = path.with_name(f"{path.name}.going-{os.urandom(4).hex()}")  # as above, and never removed by a later writer
    begin_change()
    with refused_by_os(f"{path} was not removed", f"Check the rights of {path.parent}"):
        path.rename(held)
        if held.read_bytes() == data:
            held.unlink()
            return
        with suppress(FileExistsError):  # there is an even newer one: both stay
            os.link(held, path)
            held.unlink()
    raise OpsError("conflict", f"{path} changed while it was set aside; it stays", "Run the same again")


def _sweep(folder: int, name: str) -> None:
    leftover = re.compile(re.escape(name) + r"\.tmp\.ops-\d+-[0-9a-f]{8}")
    for found in os.listdir(folder):  # by descriptor: certainly the folder that is written to
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
    with suppress(OSError):  # it was not created, or was renamed; the error that led here is the one to report
        os.unlink(name, dir_fd=folder)
