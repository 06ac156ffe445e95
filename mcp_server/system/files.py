"""Files of the host, and the locks on them."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

PathKind = Literal["file", "folder", "link", "other", "absent"]


class Files(Protocol):
    """Files of the host. Every failure is an `OpsError` that names the path and the next step."""

    def kind(self, path: Path) -> PathKind:
        """What lies at `path` itself; a symbolic link is a `link`, wherever it points."""
        ...

    def read(self, path: Path, limit: int = 5_000_000) -> bytes:
        """The whole of a regular file of at most `limit` bytes. A link, FIFO, device or folder is refused."""
        ...

    def read_text(self, path: Path, limit: int = 5_000_000) -> str:
        """`read`, as strict UTF-8 (a leading byte-order mark is dropped)."""
        ...

    def names(self, folder: Path) -> tuple[str, ...]:
        """The names in a folder, sorted; empty where there is no such folder."""
        ...

    def holds(self, folder: Path, names: Iterable[str]) -> bool:
        """Whether one of these lies in a folder; one that hides what it holds counts: somebody has to look there."""
        ...

    def markdown(self, folder: Path, skip: Collection[str]) -> tuple[Path, ...]:
        """The markdown files below a folder in the order of their names, at most 12 folders deep.

        Names in `skip` and hidden ones are left out; linked folders are not entered.
        """
        ...

    def mode(self, path: Path) -> int:
        """Permission bits of `path` itself, for example 0o600."""
        ...

    def modified(self, path: Path) -> datetime:
        """When `path` itself was last modified, in UTC."""
        ...

    def stamp(self, path: str) -> str:
        """Equal as long as nobody has touched that plain file; empty where nothing can be told from it, as just after
        a write."""
        ...

    def real(self, path: Path) -> Path:
        """`path` with every symbolic link followed; what does not exist stays as it is named."""
        ...

    def all_real(self, paths: Iterable[Path]) -> Iterator[Path]:
        """`real` of each, in little time where they lie side by side."""
        ...

    def replace(
        self,
        path: Path,
        data: bytes,
        *,
        inside: Path,
        mode: int | None = None,
        around: AbstractContextManager[None] | None = None,
    ) -> None:
        """Write a whole file so that at any moment the old or the new one stands; then read it back.

        `inside` confines the write: the real folder of `path` must lie there. `mode` None keeps the old
        file's mode and owner (0600 for a new file). Missing folders are made only below the state folder.
        `around` is entered for the last step alone, the rename; who gives it reads back as well.
        """
        ...

    def write_over(self, path: Path, data: bytes, *, inside: Path, around: AbstractContextManager[None]) -> None:
        """Give a file that is mounted by itself another content in place. Killed in the middle it may be neither the
        old nor the new: have a backup. `around` is entered for it; who gives it reads back."""
        ...

    def room_for(self, folder: Path, size: int) -> None:
        """Prove that `size` bytes can be written in `folder`, and leave none there; `unavailable` says why not."""
        ...

    def back_up(self, path: Path, run: str) -> Path:
        """A copy (0600) of `path` in the state folder under `backups/<run>/`; returns where it lies."""
        ...

    def keep(self, path: Path, data: bytes, run: str) -> Path:
        """`back_up` of `data`, which was read from `path`."""
        ...

    def backups(self, path: Path) -> tuple[Path, ...]:
        """The backups of `path`, the newest first; the run that made one is the folder below `backups/`."""
        ...

    def prune_backups(self, path: Path, is_good: Callable[[Path], bool]) -> None:
        """Remove the backups of `path` that are too many or too old, but never the newest that `is_good`."""
        ...

    def set_aside(self, path: Path, run: str) -> Path:
        """`back_up`, and then `path` is gone. What somebody wrote there meanwhile stays: `conflict`."""
        ...

    def make_folder(self, path: Path, *, inside: Path) -> None:
        """Make a folder in one that is there, unless it is there; `inside` confines it like a write."""
        ...

    def take_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        ...

    def forget(self, path: Path) -> None:
        """Remove a file of ours in the state folder for good, if it is there."""
        ...

    def lock(self, name: str, wait: float = 10.0) -> AbstractContextManager[None]:
        """A lock of ours for the whole host, gone with its holder. `conflict` after `wait` seconds."""
        ...

    def config_lock(self, path: Path) -> AbstractContextManager[None]:
        """Claude Code's own lock of the file `path`: the folder `<path>.lock`, with its rule for stale ones."""
        ...

    def refresh_lock(self, folder: Path) -> AbstractContextManager[None]:
        """Claude Code's own lock of the login in `folder`; `conflict` at once while somebody alive holds it."""
        ...
