"""What Codex does in a folder, from the files in which it records its sessions."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mcp_server.activity.activity import Doing, State
from mcp_server.clients import codex
from mcp_server.operation.context import Context
from mcp_server.system.processes import Process

_DAYS: Final = 30
"The newest folders that are looked into: a session that goes on is recorded in the folder of the day it began."
_FIRST, _END = 2_000_000, 400_000
"Bytes of a record's first line, and of its end, in which its last turn begins or ends."


def codex_does(ctx: Context, process: Process, folder: Path) -> Doing | None:
    """What the last record of a session in `folder` says; None if none was written since the process began."""
    home = process.folders.get(codex.HOME_VARIABLE, ctx.world.home / codex.CONFIG_FOLDER)
    for path in _since(home / codex.SESSIONS, process.began):
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            if found := _last_turn(path, folder):
                at, kind = found
                state: State = "busy" if kind == codex.TURN_BEGINS else "idle"
                what = "session is in a turn" if state == "busy" else "session waits for a prompt"
                return Doing(process.pid, state, at, what)
    return None


def _since(sessions: Path, began: datetime | None) -> list[Path]:
    """The records that were written since then, the newest first."""
    days = sorted(sessions.glob("*/*/*"), reverse=True)[:_DAYS]
    found = [(path.stat().st_mtime, path) for day in days for path in day.glob(codex.RECORDS)]
    least = began.timestamp() if began else 0.0
    return [path for written, path in sorted(found, reverse=True) if written >= least]


def _last_turn(path: Path, folder: Path) -> tuple[datetime, str] | None:
    """When the last turn in this folder began or ended, and which of the two."""
    with path.open("rb") as file:
        if Path(json.loads(file.readline(_FIRST))["payload"]["cwd"]) != folder:
            return None
        file.seek(max(0, path.stat().st_size - _END))
        lines = file.read().splitlines()
    return next(_turns(reversed(lines)), None)


def _turns(lines: Iterator[bytes]) -> Iterator[tuple[datetime, str]]:
    for line in lines:
        with suppress(ValueError, KeyError, TypeError):
            event = json.loads(line)
            if event["payload"]["type"] in (codex.TURN_BEGINS, *codex.TURN_ENDS):
                yield datetime.fromisoformat(event["timestamp"]).astimezone(UTC), event["payload"]["type"]
