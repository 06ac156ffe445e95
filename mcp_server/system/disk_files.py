"""Files of the host: bounded reads that refuse what is not a plain file, and writes that cannot be half done."""

import os
import stat
import time
from codecs import BOM_UTF8
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from tempfile import TemporaryFile

from mcp_server.clients.claude import REFRESH_LOCK
from mcp_server.kernel.errors import OpsError, refused_by_os
from mcp_server.system import backups
from mcp_server.system.atomic_write import put_in_place, take_away, write_over
from mcp_server.system.files import PathKind
from mcp_server.system.locks import config_lock, host_lock, refresh_lock

_KINDS: dict[int, PathKind] = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}

_DEEPEST = 12
_TICK = 1_000_000_000
"Nanoseconds: two writes within it may have one time stamp, on the coarsest of file systems."


class DiskFiles:
    """`ports.Files` on the real disk; locks and backups lie below `state`."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def kind(self, path: Path) -> PathKind:
        try:
            return _KINDS.get(stat.S_IFMT(os.lstat(path).st_mode), "other")
        except (FileNotFoundError, NotADirectoryError):
            return "absent"
        except OSError as error:
            raise _unreadable(path, error) from None

    def read(self, path: Path, limit: int = 5_000_000) -> bytes:
        try:
            # O_NONBLOCK: opening a FIFO must not wait for a writer. O_NOFOLLOW: a link is not the file.
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise _unreadable(path, error, self.kind(path)) from None
        try:
            data = _read_plain(path, fd, limit)
        except OSError as error:
            raise _unreadable(path, error) from None
        finally:
            os.close(fd)
        if len(data) > limit:
            raise _too_large(path, len(data), limit)
        return data

    def read_text(self, path: Path, limit: int = 5_000_000) -> str:
        try:
            return self.read(path, limit).removeprefix(BOM_UTF8).decode()  # utf-8-sig does the same, in Python
        except UnicodeDecodeError as error:
            raise OpsError(
                "invalid",
                f"{path} is not UTF-8 text: byte {error.start} cannot be read",
                f"Look at it with: file {path}",
            ) from None

    def names(self, folder: Path) -> tuple[str, ...]:
        try:
            return tuple(sorted(os.listdir(folder)))  # noqa: PTH208  (there may be thousands)
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise _unreadable(folder, error) from None

    def holds(self, folder: Path, names: Iterable[str]) -> bool:
        for name in names:
            if os.access(at := f"{folder}/{name}", os.F_OK):  # a third less time than lstat, and mostly enough
                return True
            try:
                os.lstat(at)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:
                pass
            return True
        return False

    def markdown(self, folder: Path, skip: Collection[str]) -> tuple[Path, ...]:
        return tuple(self._markdown(folder, skip, _DEEPEST))

    def _markdown(self, folder: Path, skip: Collection[str], depth: int) -> Generator[Path]:
        for name in self.names(folder):
            path = folder / name
            if name in skip or name.startswith("."):
                continue
            if name.endswith(".md"):
                yield path
            elif depth and self.kind(path) == "folder":
                yield from self._markdown(path, skip, depth - 1)

    def mode(self, path: Path) -> int:
        return stat.S_IMODE(path.lstat().st_mode)

    def modified(self, path: Path) -> datetime:
        try:
            return datetime.fromtimestamp(path.lstat().st_mtime, UTC)
        except OSError as error:
            raise _unreadable(path, error) from None

    def stamp(self, path: str) -> str:
        try:
            found = os.lstat(path)
        except OSError:
            return ""
        settled = stat.S_ISREG(found.st_mode) and time.time_ns() - found.st_ctime_ns > _TICK
        times = f"{found.st_mtime_ns}-{found.st_ctime_ns}"
        return f"{found.st_dev}-{found.st_ino}-{found.st_size}-{times}" if settled else ""

    def real(self, path: Path) -> Path:
        return Path(os.path.realpath(path))

    def all_real(self, paths: Iterable[Path]) -> Iterator[Path]:
        known: dict[str, bool] = {}
        for path in paths:
            folder = os.path.dirname(path)  # noqa: PTH120  (there may be thousands)
            if folder not in known:
                known[folder] = os.path.realpath(folder) == folder
            yield path if known[folder] and not os.path.islink(path) else self.real(path)  # noqa: PTH114

    def replace(
        self,
        path: Path,
        data: bytes,
        *,
        inside: Path,
        mode: int | None = None,
        around: AbstractContextManager[None] | None = None,
    ) -> None:
        if path.is_relative_to(self._state):
            private_folder(path.parent, self._state)
        confine(path, inside)
        kind = self.kind(path)
        if kind not in ("file", "absent"):
            raise _not_plain(path, kind)
        old = path.lstat() if kind == "file" else None
        try:
            put_in_place(path, data, old, mode, around or nullcontext())
        except OSError as error:
            raise OpsError(
                "unavailable",
                f"{path} was not written: {error.strerror or error}; what stood there still stands",
                f"Free space or rights in {path.parent}, then run the same again",
            ) from None
        if around is None and self.read(path, len(data) + 5_000_000) != data:
            raise OpsError(
                "conflict",
                f"{path} changed while it was being written",
                "Run the same again to see what stands now",
            )

    def write_over(self, path: Path, data: bytes, *, inside: Path, around: AbstractContextManager[None]) -> None:
        confine(path, inside)
        self.room_for(path.parent, len(data))
        step = f"Free space or rights in {path.parent}, then run the same again"
        with refused_by_os(f"{path} was not written", step), around:
            write_over(path, data)

    def room_for(self, folder: Path, size: int) -> None:
        step = f"Free space or rights there, see: df -h {quote(str(folder))}"
        # Without a name where the system can: nothing is left by a kill.
        with refused_by_os(f"nothing can be written in {folder}", step), TemporaryFile(dir=folder) as file:
            file.write(bytes(size))
            file.flush()
            os.fsync(file.fileno())

    def back_up(self, path: Path, run: str) -> Path:
        return self.keep(path, self.read(path, 50_000_000), run)

    def keep(self, path: Path, data: bytes, run: str) -> Path:
        target = backups.place(self._state / "backups", run, path)
        self.replace(target, data, inside=self._state, mode=0o600)
        return target

    def backups(self, path: Path) -> tuple[Path, ...]:
        return backups.backups(self._state / "backups", path)

    def prune_backups(self, path: Path, is_good: Callable[[Path], bool]) -> None:
        backups.prune(self._state / "backups", path, is_good)

    def set_aside(self, path: Path, run: str) -> Path:
        target = self.back_up(path, run)
        take_away(path, self.read(target, 50_000_000))
        return target

    def make_folder(self, path: Path, *, inside: Path) -> None:
        confine(path, inside)
        if self.kind(path) == "folder":
            return
        with refused_by_os(f"cannot make {path}", f"Check the rights of {path.parent}"):
            path.mkdir()

    def take_folder(self, path: Path) -> None:
        with suppress(OSError):
            path.rmdir()

    def forget(self, path: Path) -> None:
        confine(path, self._state)
        with refused_by_os(f"{path} was not removed", f"Check the rights of {path.parent}"):
            path.unlink(missing_ok=True)

    @contextmanager
    def lock(self, name: str, wait: float = 10.0) -> Generator[None]:
        folder = self._state / "locks"
        private_folder(folder, self._state)
        with host_lock(folder / f"{name}.lock", wait):
            yield

    def config_lock(self, path: Path) -> AbstractContextManager[None]:
        return config_lock(path)

    def refresh_lock(self, folder: Path) -> AbstractContextManager[None]:
        return refresh_lock(folder / REFRESH_LOCK)


def _read_plain(path: Path, fd: int, limit: int) -> bytes:
    """Up to one byte more than `limit`: a file may grow after it was measured."""
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise _not_plain(path, _KINDS.get(stat.S_IFMT(found.st_mode), "other"))
    if found.st_size > limit:
        raise _too_large(path, found.st_size, limit)
    parts: list[bytes] = []
    room = limit + 1
    while room > 0 and (part := os.read(fd, min(room, found.st_size + 4096))):
        parts.append(part)
        room -= len(part)
    return b"".join(parts)


def private_folder(folder: Path, state: Path) -> None:
    """Make `folder`, and what is missing above it up to the state folder, readable by nobody else (0700)."""
    missing = [folder, *folder.parents]
    for level in reversed([f for f in missing if f == state or f.is_relative_to(state)]):
        with refused_by_os(f"cannot make the state folder {level}", "Set OPS_HOME to a folder that you can write"):
            level.mkdir(mode=0o700, parents=True, exist_ok=True)


def confine(path: Path, inside: Path) -> None:
    """Refuse a write that a link in the path would lead out of `inside`."""
    folder, root = path.parent.resolve(), inside.resolve()
    if not folder.is_relative_to(root):
        raise OpsError("denied", f"{path} leads out of {inside}, to {folder}", f"Remove the link in {path.parent}")


def _unreadable(path: Path, error: OSError, kind: PathKind | None = None) -> OpsError:
    if isinstance(error, FileNotFoundError):
        return OpsError("not_found", f"there is no {path}", f"Check the path: ls -la {path.parent}")
    if kind not in (None, "file"):
        return _not_plain(path, kind)
    return OpsError("unavailable", f"{path} cannot be read: {error.strerror}", f"Check its rights: ls -la {path}")


def _not_plain(path: Path, kind: PathKind) -> OpsError:
    what = {"link": "a symbolic link", "folder": "a folder"}.get(kind, "not a regular file")
    return OpsError("invalid", f"{path} is {what}, a plain file is needed", f"Look at it with: ls -la {path}")


def _too_large(path: Path, size: int, limit: int) -> OpsError:
    return OpsError(
        "invalid",
        f"{path} has {size:,} bytes, at most {limit:,} are read",
        f"See what fills it, it is too large to be one of ours: ls -la {path}",
    )
