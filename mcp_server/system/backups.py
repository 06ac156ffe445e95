"""Backups in the state folder, `backups/<run>/<the path of the file>`: which there are, and which go.

Kept are the newest of each file, by count and by age, and always the newest that can still be read as one.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

MOST: Final = 20
DAYS: Final = 30
NOTE: Final = ".wrote"
"Lies beside a backup and goes with it."


def backup_path(root: Path, run: str, path: Path) -> Path:
    """Where the backup of `path` that `run` made lies."""
    return root / run / path.absolute().relative_to(path.anchor or "/")


def backups(root: Path, path: Path) -> tuple[Path, ...]:
    """The backups of `path`, the newest first: a run's name begins with its time."""
    runs = sorted((folder.name for folder in root.glob("*")), reverse=True)
    return tuple(found for run in runs if (found := backup_path(root, run, path)).is_file())


def prune(root: Path, path: Path, is_good: Callable[[Path], bool]) -> None:
    """Let the backups of `path` go that are too many or too old; one that cannot be removed stays."""
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
                    folder.rmdir()  # until one still holds something
