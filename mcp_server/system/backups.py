"""Backups in the state folder, `backups/<run>/<path of the file>`: listing and pruning them.

The newest backups of each file are kept, by count and by age, and always the newest one that is valid.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

MOST: Final = 20
DAYS: Final = 30
NOTE: Final = ".wrote"
"Suffix of a file beside a backup, which is removed with it."


def backup_path(root: Path, run: str, path: Path) -> Path:
    """The path of the backup of `path` that `run` made."""
    return root / run / path.absolute().relative_to(path.anchor or "/")


def backups(root: Path, path: Path) -> tuple[Path, ...]:
    """The backups of `path`, the newest first; the name of a run starts with its time."""
    runs = sorted((folder.name for folder in root.glob("*")), reverse=True)
    return tuple(found for run in runs if (found := backup_path(root, run, path)).is_file())


def prune(root: Path, path: Path, is_good: Callable[[Path], bool]) -> None:
    """Remove the backups of `path` that are too many or too old; one that cannot be removed stays."""
    found = backups(root, path)
    oldest = time.time() - DAYS * 86_400
    spare = [b for number, b in enumerate(found) if number >= MOST or b.stat().st_mtime < oldest]
    last = next((b for b in found if is_good(b)), None) if spare else None
    for backup in spare:
        if backup != last:
            with suppress(OSError):
                backup.unlink()
                backup.with_name(backup.name + NOTE).unlink(missing_ok=True)
                for folder in backup.parents:
                    if folder == root:
                        break
                    folder.rmdir()  # up to the first that is not empty
