"""Folders: the private ones of the state folder, the confinement of writes, and the markdown files below a folder."""

import os
import stat
from collections.abc import Collection, Generator
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError, refused_by_os
from mcp_server.system.plain_file import kind_of, unreadable


def names_in(folder: Path) -> tuple[str, ...]:
    """The names in a folder, sorted; empty if there is no such folder."""
    try:
        return tuple(sorted(os.listdir(folder)))  # noqa: PTH208  (there may be thousands)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise unreadable(folder, error) from None


def markdown_below(folder: Path, skip: Collection[str], depth: int) -> Generator[Path]:
    """The markdown files below `folder` in the order of their names; linked folders are not entered."""
    for name in names_in(folder):
        path = folder / name
        if name in skip or name.startswith("."):
            continue
        if name.endswith(".md"):
            yield path
        elif depth and kind_of(path) == "folder":
            yield from markdown_below(path, skip, depth - 1)


def private_folder(folder: Path, state: Path) -> None:
    """Create `folder` and its missing parents up to the state folder, readable only by this user (0700)."""
    missing = [folder, *folder.parents]
    for level in reversed([f for f in missing if f == state or f.is_relative_to(state)]):
        with refused_by_os(f"cannot make the state folder {level}", "Set OPS_HOME to a folder that you can write"):
            level.mkdir(mode=0o700, parents=True, exist_ok=True)
            _require_private(level, state)


def _require_private(level: Path, state: Path) -> None:
    """Close a folder of this user to others; refuse one of another user, and a link below the state folder."""
    found = level.stat() if level == state else level.lstat()
    if stat.S_ISLNK(found.st_mode):
        message = f"{level} is a symbolic link, and nothing is written through it"
        raise OpsError("denied", message, f"Look where it leads, then remove it: ls -la {quote(str(level))}")
    if found.st_uid != os.geteuid():
        step = "Set OPS_HOME to a folder of your own"
        raise OpsError("denied", f"{level} belongs to another user", step)
    if found.st_mode & 0o077:
        level.chmod(0o700)


def confine(path: Path, inside: Path) -> None:
    """Refuse a write that a link in the path would lead out of `inside`."""
    folder, root = path.parent.resolve(), inside.resolve()
    if not folder.is_relative_to(root):
        raise OpsError("denied", f"{path} leads out of {inside}, to {folder}", f"Remove the link in {path.parent}")
