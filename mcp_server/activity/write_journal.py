"""Log files of JSON lines in `OPS_HOME/logs` (0600): what servers did (rotated), and every write (never trimmed)."""

import fcntl
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.secrets.detector import scrub
from mcp_server.system.folders import private_folder

SERVER, AUDIT = "server.jsonl", "audit.jsonl"
_LARGEST: Final = 2_000_000
"Bytes of a log of the servers before it is rotated."
_KEPT: Final = 3
"Rotated files that are kept."
_LONGEST: Final = 500
"Characters of a text."
_MOST: Final = 200
"Members of a list."


class Journal:
    """A log that any number of processes append to, one write per line. What looks like a credential is cut."""

    def __init__(self, state: Path, name: str) -> None:
        self.path = state / "logs" / name

    def write(self, event: str, **facts: object) -> None:
        """Add one line with the time in UTC. Raises `OSError` if it cannot be added as a whole."""
        line = _line(event, facts)
        try:
            private_folder(self.path.parent, self.path.parents[1])
        except OpsError as error:
            raise PermissionError(error.message) from None
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
        """Rename `x.jsonl` to `x.jsonl.1` and so on, unless another process has just done so."""
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
