"""Files of this host: bounded reads that refuse anything but a plain file, and writes that are never half done."""

import os
import stat
import time
from codecs import BOM_UTF8
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError, refused_by_os
from mcp_server.system import backups, locks
from mcp_server.system.atomic_write import remove_unchanged, replace_file, write_over
from mcp_server.system.folders import confine, markdown_below, names_in, private_folder
from mcp_server.system.moves import link_to, move
from mcp_server.system.plain_file import PathKind, kind_of, not_plain, read_plain, unreadable
from mcp_server.system.savable import hindrance

_DEEPEST = 12
_TICK = 1_000_000_000
"Nanoseconds within which two writes may get the same time stamp, on the coarsest of file systems."


class Files:
    """Files of this host; locks and backups are kept below `state`.

    Every failure is an `OpsError` that names the path and the next step.
    """

    def __init__(self, state: Path) -> None:
        self._state = state

    def kind(self, path: Path) -> PathKind:
        """What is at `path` itself; a symbolic link is a `link`, wherever it points."""
        return kind_of(path)

    def read(self, path: Path, limit: int = 5_000_000) -> bytes:
        """The whole of a regular file of at most `limit` bytes. A link, FIFO, device or folder is refused."""
        return read_plain(path, limit)

    def read_text(self, path: Path, limit: int = 5_000_000) -> str:
        """`read`, as strict UTF-8 (a leading byte-order mark is dropped)."""
        try:
            return self.read(path, limit).removeprefix(BOM_UTF8).decode()  # utf-8-sig does the same, in Python
        except UnicodeDecodeError as error:
            message = f"{path} is not UTF-8 text: byte {error.start} cannot be read"
            raise OpsError("invalid", message, f"Look at it with: file {path}") from None

    def names(self, folder: Path) -> tuple[str, ...]:
        """The names in a folder, sorted; empty if there is no such folder."""
        return names_in(folder)

    def holds(self, folder: Path, names: Iterable[str]) -> bool:
        """Whether a folder has one of these names; true as well if that cannot be seen, so that it is looked into."""
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
        """The markdown files below a folder in the order of their names, at most 12 folders deep.

        Names in `skip` and hidden ones are left out; linked folders are not entered.
        """
        return tuple(markdown_below(folder, skip, _DEEPEST))

    def mode(self, path: Path) -> int:
        """Permission bits of `path` itself, for example 0o600."""
        return stat.S_IMODE(path.lstat().st_mode)

    def modified(self, path: Path) -> datetime:
        """When `path` itself was last modified, in UTC."""
        try:
            return datetime.fromtimestamp(path.lstat().st_mtime, UTC)
        except OSError as error:
            raise unreadable(path, error) from None

    def stamp(self, path: str) -> str:
        """A stamp that stays equal until somebody touches this plain file; empty where that cannot be relied on, as
        just after a write."""
        try:
            found = os.lstat(path)
        except OSError:
            return ""
        settled = stat.S_ISREG(found.st_mode) and time.time_ns() - found.st_ctime_ns > _TICK
        times = f"{found.st_mtime_ns}-{found.st_ctime_ns}"
        return f"{found.st_dev}-{found.st_ino}-{found.st_size}-{times}" if settled else ""

    def real(self, path: Path) -> Path:
        """`path` with every symbolic link followed; parts that do not exist are kept as they are."""
        return Path(os.path.realpath(path))

    def all_real(self, paths: Iterable[Path]) -> Iterator[Path]:
        """`real` of each; fast if many of them are in the same folder."""
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
        """Write a whole file so that at any moment either the old or the new one is there; then read it back.

        `inside` confines the write: the real folder of `path` must be in it. `mode` None keeps the old file's mode
        and owner (0600 for a new file). Missing folders are created only below the state folder. `around` is entered
        for the last step alone, the rename; a caller that passes it reads the file back itself.
        """
        if path.is_relative_to(self._state):
            private_folder(path.parent, self._state)
        confine(path, inside)
        kind = self.kind(path)
        if kind not in ("file", "absent"):
            raise not_plain(path, kind)
        old = path.lstat() if kind == "file" else None
        try:
            replace_file(path, data, old, mode, around or nullcontext())
        except OSError as error:
            message = f"{path} was not written: {error.strerror or error}; the old content is unchanged"
            step = f"Free space or rights in {path.parent}, then run the same again"
            raise OpsError("unavailable", message, step) from None
        if around is None and self.read(path, len(data) + 5_000_000) != data:
            message = f"{path} changed while it was being written"
            raise OpsError("conflict", message, "Run the same again to see what is there now")

    def write_over(self, path: Path, data: bytes, *, inside: Path, around: AbstractContextManager[None]) -> None:
        """Give a file that is mounted by itself another content in place. A kill in the middle may leave neither the
        old nor the new content: have a backup. `around` is entered for the write; the caller reads the file back."""
        confine(path, inside)
        self.room_for(path.parent, len(data))
        step = f"Free space or rights in {path.parent}, then run the same again"
        with refused_by_os(f"{path} was not written", step), around:
            write_over(path, data)

    def identity(self, path: Path) -> object:
        """Equal for two paths of one file or folder, as with a bind mount; the path itself if there is none."""
        try:
            found = path.stat()
        except OSError:
            return path
        return found.st_dev, found.st_ino

    def hindrance(self, path: Path, size: int) -> str | None:
        """Why `size` bytes could not be saved at `path` now, None if nothing speaks against it. Changes nothing."""
        return hindrance(path, size)

    def room_for(self, folder: Path, size: int) -> None:
        """Check that `size` bytes can be written in `folder`, and leave nothing there; `unavailable` otherwise."""
        step = f"Free space or rights there, see: df -h {quote(str(folder))}"
        from tempfile import TemporaryFile  # noqa: PLC0415  a read needs none, and it loads much

        # Without a name where the system can do that: a kill leaves nothing behind.
        with refused_by_os(f"nothing can be written in {folder}", step), TemporaryFile(dir=folder) as file:
            file.write(bytes(size))
            file.flush()
            os.fsync(file.fileno())

    def back_up(self, path: Path, run: str) -> Path:
        """Copy `path` (0600) into the state folder below `backups/<run>/`; returns the path of the copy."""
        return self.keep(path, self.read(path, 50_000_000), run)

    def keep(self, path: Path, data: bytes, run: str) -> Path:
        """`back_up` of `data`, which was read from `path`."""
        target = backups.backup_path(self._state / "backups", run, path)
        self.replace(target, data, inside=self._state, mode=0o600)
        return target

    def backups(self, path: Path) -> tuple[Path, ...]:
        """The backups of `path`, the newest first; the folder below `backups/` names the run that made one."""
        return backups.backups(self._state / "backups", path)

    def prune_backups(self, path: Path, is_good: Callable[[Path], bool]) -> None:
        """Remove the backups of `path` that are too many or too old, but never the newest one that `is_good`."""
        backups.prune(self._state / "backups", path, is_good)

    def set_aside(self, path: Path, run: str) -> Path:
        """`back_up`, and then remove `path`. If somebody has written it meanwhile, it stays: `conflict`."""
        target = self.back_up(path, run)
        remove_unchanged(path, self.read(target, 50_000_000))
        return target

    def make_folder(self, path: Path, *, inside: Path) -> None:
        """Create a folder in an existing one, unless it exists; `inside` confines it as it does a write."""
        confine(path, inside)
        if self.kind(path) == "folder":
            return
        with refused_by_os(f"cannot make {path}", f"Check the rights of {path.parent}"):
            path.mkdir()

    def take_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        with suppress(OSError):
            path.rmdir()

    def forget(self, path: Path) -> None:
        """Remove a file in the state folder for good, if it exists."""
        confine(path, self._state)
        with refused_by_os(f"{path} was not removed", f"Check the rights of {path.parent}"):
            path.unlink(missing_ok=True)

    def make_private(self, folder: Path) -> None:
        """Create a folder in the state folder with its parents, readable only by this user."""
        private_folder(folder, self._state)

    def link(self, path: Path, target: Path) -> None:
        """Make `path`, in the state folder, a symbolic link to `target`, in place of any other link."""
        confine(path, self._state)
        if self.kind(path) == "link" and path.readlink() == target:
            return
        with refused_by_os(f"cannot make the link {path}", f"Check the rights of {path.parent}"):
            link_to(path, target)

    def unlink(self, path: Path) -> None:
        """Remove a symbolic link in the state folder."""
        confine(path, self._state)
        if self.kind(path) == "link":
            path.unlink()

    def move(self, source: Path, target: Path) -> None:
        """Move a file or a folder to a free place, also to another disk; missing folders of `target` are made."""
        if self.kind(target) != "absent":
            raise OpsError("conflict", f"there is something at {target} already", f"ls -la {quote(str(target))}")
        with refused_by_os(f"{source} was not moved to {target}", f"Check space and rights of {target.parent}"):
            if target.is_relative_to(self._state):
                private_folder(target.parent, self._state)
            target.parent.mkdir(parents=True, exist_ok=True)
            move(source, target)

    @contextmanager
    def lock(self, name: str, wait: float = 10.0) -> Generator[None]:
        """Hold a lock for the whole host, released when its holder ends. `conflict` after `wait` seconds."""
        folder = self._state / "locks"
        private_folder(folder, self._state)
        with locks.host_lock(folder / f"{name}.lock", wait):
            yield

    def directory_lock(self, lock: Path, stale_after: float, wait: float = 0.0) -> AbstractContextManager[None]:
        """Hold `lock`, a folder that other programs create as a lock; `conflict` after `wait` seconds.

        A lock that was not touched for `stale_after` seconds is taken over.
        """
        return locks.directory_lock(lock, stale_after, wait)
