"""Moves what a client wrote into an agent's clone to the agent's own folder, and back.

What is moved is noted first, in the state folder, so that a run that was killed can be undone as well.
"""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Any

from mcp_server.agents.look_old_home import OldHome
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.operation.context import Context

Moves = tuple[tuple[Path, Path], ...]


def new_run(ctx: Context) -> str:
    """A name for one run, by which it can be undone; names sort in the order of the runs."""
    return f"{ctx.world.clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def move_out(ctx: Context, old: OldHome, run: str) -> Moves:
    """Move it all; returns each path and its new one. A running session that writes there is a `conflict`."""
    if old.pids:
        problem = f"a session of {old.agent.name} still writes into the clone (process {old.pids[0]})"
        raise OpsError("conflict", problem, f"End that session, then: ops agent home {old.agent.name}")
    moves = tuple(step for source, target in old.moves for step in _steps(ctx, source, target))
    record = _record(ctx, run, old.agent.name)
    text = json.dumps([[str(source), str(target)] for source, target in moves], indent=1)
    ctx.world.files.replace(record, text.encode(), inside=ctx.world.state, mode=0o600)
    for source, target in moves:
        ctx.world.files.move(source, target)
    for source, _ in old.moves:
        _drop_empty(ctx, source)
    return moves


def move_back(ctx: Context, run: str) -> Iterator[tuple[str, Moves]]:
    """Undo a run: by agent, what is back in its clone. What was not moved, or is gone, is left out."""
    folder = _record(ctx, run, "").parent
    runs = ctx.world.state / "agents" / ctx.key / "moves"
    names = [name.removesuffix(".json") for name in ctx.world.files.names(folder)] if folder.parent == runs else []
    if not names or run == "..":
        step = f"See the runs: ls {quote(str(runs))}"
        raise OpsError("not_found", f"there is no run {shown(run, 40)} of `ops agent home`", step)
    for name in names:
        noted: list[Any] = json.loads(ctx.world.files.read_text(_record(ctx, run, name)))
        moves = [(Path(source), Path(target)) for source, target in reversed(noted)]
        kind = ctx.world.files.kind
        back = tuple((source, target) for source, target in moves if kind(target) != "absent" == kind(source))
        for source, target in back:
            ctx.world.files.move(target, source)
        yield name, back


def _record(ctx: Context, run: str, agent: str) -> Path:
    return ctx.world.state / "agents" / ctx.key / "moves" / run / f"{agent}.json"


def _steps(ctx: Context, source: Path, target: Path) -> Iterator[tuple[Path, Path]]:
    """The moves that bring `source` to `target`, where some of it may be already."""
    files = ctx.world.files
    if files.kind(target) == "absent":
        yield source, target
    elif files.kind(source) == files.kind(target) == "folder":
        for name in files.names(source):
            yield from _steps(ctx, source / name, target / name)
    else:
        free = (target.with_name(f"{target.name}.from-clone{number}") for number in ("", *range(2, 1000)))
        yield source, next(path for path in free if files.kind(path) == "absent")


def _drop_empty(ctx: Context, folder: Path) -> None:
    """Remove what is empty now."""
    if ctx.world.files.kind(folder) == "folder":
        for name in ctx.world.files.names(folder):
            _drop_empty(ctx, folder / name)
        ctx.world.files.take_folder(folder)
