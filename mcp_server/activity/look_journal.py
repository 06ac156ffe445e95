"""Reads the logs that `write_journal.py` writes: the last entries, and new ones as they come."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from mcp_server.activity.write_journal import AUDIT, SERVER

_PAUSE: Final = 0.3
"Seconds between two looks for new entries: portable, and soon enough for a person."


def entries(state: Path, limit: int) -> Iterator[dict[str, Any]]:
    """The last `limit` entries of both logs, the oldest first."""
    found = [entry for name in (SERVER, AUDIT) for entry in _tail(state / "logs" / name, limit)]
    yield from sorted(found, key=lambda entry: str(entry.get("at")))[-limit:]


def _tail(path: Path, limit: int) -> list[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - limit * 2000))
            lines = file.read().splitlines()[-limit:]
    except OSError:
        return []
    return [entry for line in lines if (entry := _parsed(line)) is not None]


def following(state: Path) -> Iterator[dict[str, Any]]:
    """Entries as they are added to both logs from this call on, without end, through rotations."""
    paths = [state / "logs" / name for name in (SERVER, AUDIT)]
    read = {path.stat().st_ino: path.stat().st_size for path in paths if path.exists()}
    return _added(paths, read)


def _added(paths: list[Path], read: dict[int, int]) -> Iterator[dict[str, Any]]:
    """`read`: how many bytes of each file have been read, by its inode."""
    while True:
        for path in paths:
            with suppress(FileNotFoundError), path.open("rb") as file:
                number = os.fstat(file.fileno()).st_ino
                file.seek(read.get(number, 0))
                whole, end, _ = file.read().rpartition(b"\n")
                read[number] = read.get(number, 0) + len(whole) + len(end)
                yield from filter(None, map(_parsed, whole.splitlines()))
        time.sleep(_PAUSE)  # other processes append, and there is no portable way to be notified of it


def _parsed(line: bytes) -> dict[str, Any] | None:
    """One entry; None for anything else, such as the rest of a line whose beginning was cut."""
    with suppress(ValueError):
        entry: object = json.loads(line)
        if isinstance(entry, dict):
            return entry  # pyright: ignore[reportUnknownVariableType]
    return None
