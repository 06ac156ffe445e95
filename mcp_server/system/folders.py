"""Folders: the private ones of the state folder, the confinement of writes, and the markdown files below a folder."""

import os
from collections.abc import Collection, Generator
from pathlib import Path

from mcp_server.kernel.errors import OpsError, refused_by_os
from mcp_server.system.plain_file import kind_of, unreadable
from mcp_server.system.private_folder import NotPrivateError, make_private


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
    """`make_private`, with errors for users."""
    if folder != state and not folder.is_relative_to(state):
        return
    with refused_by_os(f"cannot make the state folder {folder}", "Set OPS_HOME to a folder that you can write"):
        try:
            make_private(str(folder), str(state))
        except NotPrivateError as error:
            raise OpsError("denied", str(error), error.next) from None


def confine(path: Path, inside: Path) -> None:
    """Refuse a write that a link in the path would lead out of `inside`."""
    folder, root = path.parent.resolve(), inside.resolve()
    if not folder.is_relative_to(root):
        raise OpsError("denied", f"{path} leads out of {inside}, to {folder}", f"Remove the link in {path.parent}")
