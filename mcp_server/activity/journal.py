"""Lines of JSON in `OPS_HOME/logs` (0600): what servers did, rotated; the audit trail of every write, append-only."""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from mcp_server.kernel.secret import scrub

SERVER, AUDIT = "server.jsonl", "audit.jsonl"
_LARGEST: Final = 2_000_000
_KEPT: Final = 3
_LONGEST: Final = 500
_MOST: Final = 200
_PAUSE: Final = 0.3
"Seconds between two looks of who follows: portable, and soon enough for a person."


class Journal:
    """One file that any number of processes append to: a line is one write. What looks like a credential is cut."""

    def __init__(self, state: Path, name: str) -> None:
        self.path = state / "logs" / name

    def write(self, event: str, **facts: object) -> None:
        """Add one line, stamped with the time in UTC. OSError where it cannot be added as a whole."""
        line = _line(event, facts)
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(self.path, flags, 0o600)
        try:
            if os.write(fd, line) < len(line):
                raise OSError(f"{self.path} took only a part of a line")
            if self.path.name == AUDIT:
                os.fsync(fd)
            elif os.fstat(fd).st_size > _LARGEST:
                self._rotate(fd)
        finally:
            os.close(fd)

    def _rotate(self, full: int) -> None:
        """`x.jsonl` becomes `x.jsonl.1`, and so on. Had another process just done so, its new file stays."""
        fcntl.flock(full, fcntl.LOCK_EX)
        with suppress(OSError):
            if self.path.lstat().st_ino != os.fstat(full).st_ino:
                return
            for number in range(_KEPT, 0, -1):
                older = self.path.with_name(f"{self.path.name}.{number}")
                newer = self.path.with_name(f"{self.path.name}.{number - 1}") if number > 1 else self.path
                if newer.exists():
                    newer.replace(older)


def _line(event: str, facts: Mapping[str, object]) -> bytes:
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    document = {"at": now, "event": event, "pid": os.getpid(), **{n: _scrubbed(fact) for n, fact in facts.items()}}
    return json.dumps(document).encode() + b"\n"


def _scrubbed(fact: object) -> object:
    match fact:
        case str():
            return scrub(fact)[:_LONGEST]
        case list():
            return [_scrubbed(member) for member in cast("list[object]", fact)[:_MOST]]
        case dict():
            return {str(name): _scrubbed(value) for name, value in cast("dict[object, object]", fact).items()}
        case _:
            return fact if isinstance(fact, int | float | None) else str(fact)


def entries(state: Path, limit: int) -> Iterator[dict[str, Any]]:
    """The last `limit` lines of both files, in the order of time."""
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
    """What is added to both files from this call on, for ever; also to a new one where the old one was rotated."""
    paths = [state / "logs" / name for name in (SERVER, AUDIT)]
    read = {path.stat().st_ino: path.stat().st_size for path in paths if path.exists()}
    return _added(paths, read)


def _added(paths: list[Path], read: dict[int, int]) -> Iterator[dict[str, Any]]:
    """`read`: how far each file has been read, by its inode."""
    while True:
        for path in paths:
            with suppress(FileNotFoundError), path.open("rb") as file:
                number = os.fstat(file.fileno()).st_ino
                file.seek(read.get(number, 0))
                whole, end, _ = file.read().rpartition(b"\n")
                read[number] = read.get(number, 0) + len(whole) + len(end)
                yield from filter(None, map(_parsed, whole.splitlines()))
        time.sleep(_PAUSE)


def _parsed(line: bytes) -> dict[str, Any] | None:
    """One entry; None for what is none, such as the rest of a line that was cut."""
    with suppress(ValueError):
        entry: object = json.loads(line)
        if isinstance(entry, dict):
            return entry  # pyright: ignore[reportUnknownVariableType]
    return None
