"""The record of a run: what each step found and left behind, so that the run can be taken back.

It is `OPS_HOME/fixes/RUN.jsonl`, a line of JSON before and after each step. It holds whole files, with their secrets:
only this user can read it.
"""

import json
import re
from pathlib import Path
from typing import Any, Final

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.operation.context import Context

_RUN: Final = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{4}")


class Record:
    """The record of one run; `entries` are its lines so far."""

    def __init__(self, ctx: Context, run: str) -> None:
        self._ctx, self.run = ctx, run
        self.entries: list[dict[str, Any]] = []

    @property
    def path(self) -> Path:
        return self._ctx.world.state / "fixes" / f"{self.run}.jsonl"

    def add(self, **entry: Any) -> None:
        """Append a line, on disk before this returns."""
        self.entries.append(entry)
        text = "".join(json.dumps(line) + "\n" for line in self.entries)
        self._ctx.world.files.replace(self.path, text.encode(), inside=self._ctx.world.state, mode=0o600)


def recorded(ctx: Context, run: str) -> Record:
    """The record of an earlier run; `not_found` if there is none."""
    record = Record(ctx, run)
    if not _RUN.fullmatch(run) or ctx.world.files.kind(record.path) != "file":
        step = f"List the runs: ls {record.path.parent}"
        raise OpsError("not_found", f"there is no run {shown(run, 40)}", step)
    record.entries = [json.loads(line) for line in ctx.world.files.read_text(record.path, 200_000_000).splitlines()]
    return record
