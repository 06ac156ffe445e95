"""Moves of files and folders, and links: at each moment the old or the new one is whole."""

import errno
import os
from pathlib import Path

from mcp_server.kernel.cancellation import begin_change


def move(source: Path, target: Path) -> None:
    """Rename; on another disk, copy it beside the target, rename the copy, and only then remove the source."""
    begin_change()
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _move_to_other_disk(source, target)


def _move_to_other_disk(source: Path, target: Path) -> None:
    import shutil  # noqa: PLC0415  it loads much, and hardly any move needs it

    copy = _beside(target)
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, copy, symlinks=True)
        copy.rename(target)
        shutil.rmtree(source)
    else:
        shutil.copy2(source, copy, follow_symlinks=False)
        copy.rename(target)
        source.unlink()


def link_to(path: Path, target: Path) -> None:
    """Make `path` a symbolic link to `target`, in place of an old link."""
    begin_change()
    new = _beside(path)
    new.symlink_to(target)
    new.rename(path)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.ops-{os.urandom(4).hex()}")
