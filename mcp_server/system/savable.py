"""Whether a file could be replaced now, tried without a change: in a file without a name, which the kernel drops."""

import errno
import os
import stat
from pathlib import Path

_NO_NAMELESS = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOSYS)
"How a file system says that it has no files without a name."


def hindrance(path: Path, size: int) -> str | None:
    """Why `size` bytes could not be saved at `path` now; None if nothing speaks against it.

    Rights, space, a quota and a read-only mount are found by writing a file without a name. Where the file system has
    none, the quota is not known and does not count.
    """
    try:
        folder = path.parent.stat()
        return _refused(path.parent, size) or _not_for_its_owner(path.parent, folder, size) or _fixed(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error.strerror or str(error)


def _refused(folder: Path, size: int) -> str | None:
    try:
        descriptor = os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except AttributeError:  # not on Linux
        return _by_numbers(folder, size)
    except OSError as error:
        return _by_numbers(folder, size) if error.errno in _NO_NAMELESS else error.strerror
    try:
        written = os.write(descriptor, os.urandom(size))  # a compressing file system stores zeros in no space
        return None if written == size else os.strerror(errno.ENOSPC)
    except OSError as error:
        return error.strerror
    finally:
        os.close(descriptor)


def _by_numbers(folder: Path, size: int) -> str | None:
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return os.strerror(errno.EROFS)
    if not os.access(folder, os.W_OK | os.X_OK):
        return os.strerror(errno.EACCES)
    found = os.statvfs(folder)
    free = (found.f_bfree if os.geteuid() == 0 else found.f_bavail) * found.f_frsize
    return os.strerror(errno.ENOSPC) if free < size or (found.f_files and not found.f_ffree) else None


def _not_for_its_owner(folder: Path, found: os.stat_result, size: int) -> str | None:
    """What stops the owner of a folder, but not root, which runs this."""
    if os.geteuid() != 0 or found.st_uid == 0:
        return None
    if not found.st_mode & stat.S_IWUSR:
        return "its owner may not write there"
    disk = os.statvfs(folder)
    return os.strerror(errno.ENOSPC) if disk.f_bavail * disk.f_frsize < size else None


def _fixed(path: Path) -> str | None:
    """A file that is mounted read-only by itself, or made immutable; its mode does not matter, it is replaced."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    by_mode = os.geteuid() != 0 and not found.st_mode & stat.S_IWUSR
    if stat.S_ISLNK(found.st_mode) or by_mode or os.access(path, os.W_OK):
        return None
    return os.strerror(errno.EROFS) if os.statvfs(path).f_flag & os.ST_RDONLY else "the file is immutable, see lsattr"
