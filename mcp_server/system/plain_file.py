"""Reading a plain file: links, FIFOs, devices and folders are refused, and so is a file over the size limit."""

import os
import stat
from pathlib import Path
from typing import Literal

from mcp_server.kernel.errors import OpsError

PathKind = Literal["file", "folder", "link", "other", "absent"]
_KINDS: dict[int, PathKind] = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}


def kind_of(path: Path) -> PathKind:
    """What is at `path` itself; a symbolic link is a `link`, wherever it points."""
    try:
        return _KINDS.get(stat.S_IFMT(os.lstat(path).st_mode), "other")
    except (FileNotFoundError, NotADirectoryError):
        return "absent"
    except OSError as error:
        raise unreadable(path, error) from None


def read_plain(path: Path, limit: int) -> bytes:
    """The whole of a plain file of at most `limit` bytes."""
    try:
        # O_NONBLOCK: opening a FIFO must not wait for a writer. O_NOFOLLOW: a link is not the file.
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise unreadable(path, error, kind_of(path)) from None
    try:
        data = _read_up_to(path, fd, limit)
    except OSError as error:
        raise unreadable(path, error) from None
    finally:
        os.close(fd)
    if len(data) > limit:
        raise TooLargeError(path, len(data), limit)
    return data


def _read_up_to(path: Path, fd: int, limit: int) -> bytes:
    """Up to one byte more than `limit`, because a file may grow after it was measured."""
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise not_plain(path, _KINDS.get(stat.S_IFMT(found.st_mode), "other"))
    if found.st_size > limit:
        raise TooLargeError(path, found.st_size, limit)
    parts: list[bytes] = []
    room = limit + 1
    while room > 0 and (part := os.read(fd, min(room, found.st_size + 4096))):
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def unreadable(path: Path, error: OSError, kind: PathKind | None = None) -> OpsError:
    """The refusal for an `error` of the system; `kind` is what is at `path`, where that is known."""
    if isinstance(error, FileNotFoundError):
        return OpsError("not_found", f"there is no {path}", f"Check the path: ls -la {path.parent}")
    if kind not in (None, "file"):
        return not_plain(path, kind)
    return OpsError("unavailable", f"{path} cannot be read: {error.strerror}", _step_after(path, error))


def _step_after(path: Path, error: OSError) -> str:
    if not isinstance(error, PermissionError):
        return f"Check the disk: ls -la {path}"
    try:
        owner = os.lstat(path).st_uid
    except OSError:
        return f"Give the user with the id {os.getuid()} access to {path.parent}: ls -la {path.parent.parent}"
    return f"chmod u+rw {path}" if owner == os.getuid() else f"sudo chown {os.getuid()} {path}"


def not_plain(path: Path, kind: PathKind) -> OpsError:
    """The refusal of a `path` that is not a plain file."""
    what = {"link": "a symbolic link", "folder": "a folder"}.get(kind, "not a regular file")
    return OpsError("invalid", f"{path} is {what}, a plain file is needed", f"Look at it with: ls -la {path}")


class TooLargeError(OpsError):
    """A file over the limit, which other programs may well read."""

    def __init__(self, path: Path, size: int, limit: int) -> None:
        super().__init__(
            "invalid", f"{path} has {size:,} bytes, at most {limit:,} are read", f"See what fills it: ls -la {path}"
        )
