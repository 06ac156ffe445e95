"""Syncs the config of one agent, or restores it from a backup."""

from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from mcp_server.configs.dialects import CLONE_KINDS
from mcp_server.configs.look_backups import Restore, run_of
from mcp_server.configs.look_configs import ConfigLook, look_at
from mcp_server.configs.look_file import MOST_BYTES, AgentConfig, decode, encode
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.look_sides import Sides, read_sides
from mcp_server.configs.servers import by_server, emptied
from mcp_server.configs.three_way import UNDECIDED, Choice, Difference, decide
from mcp_server.configs.write_base import restore_base, write_base
from mcp_server.configs.write_file import ChangedError, client_lock, write
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.humanize import plural
from mcp_server.kernel.pointer import ABSENT
from mcp_server.operation.context import Context

IN_SYNC: Final = "in sync with the master"
_TRIES: Final = 5
"How often to try while a session writes the same file, before the lock is held for the whole read and write."
Outcome = Literal["applied", "unchanged", "refused", "failed"]


@dataclass(frozen=True)
class SyncedAgent:
    """One agent after the sync, as read back. `backup` is the file as it was before; `held` waits for `take`."""

    agent: str
    path: Path
    state: Outcome
    why: str
    next: str | None = None
    backup: Path | None = None
    applied: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


@dataclass(frozen=True)
class SyncRun:
    """One run of a sync. `restore`: bring back configs that cannot be read; `run` names its backups."""

    ctx: Context
    masters: Masters
    choice: Choice
    restore: bool
    run: str


def sync_agent(sync: SyncRun, look: ConfigLook) -> SyncedAgent:
    """Sync one agent's config, or restore it from its backup; a problem is in the result, not raised."""
    file = look.file
    try:
        if look.problem is None:
            return _apply(sync, look)
        if look.problem.restore and sync.restore:
            return _restore(sync, look, look.problem.restore)
        return SyncedAgent(file.agent.name, file.path, "refused", look.problem.message, look.problem.next)
    except OpsError as error:
        return SyncedAgent(file.agent.name, file.path, "failed", error.message, error.next)


def _restore(sync: SyncRun, look: ConfigLook, restore: Restore) -> SyncedAgent:
    """Replace what is absent or cut off, after backing it up, by the last readable backup, and sync that."""
    world, file = sync.ctx.world, look.file
    before = file.read(world)
    if look_at(sync.ctx, file, sync.masters).digest != look.digest:
        raise OpsError("conflict", f"{file.path} has changed since the plan", "Plan again: ops config plan")
    source = restore.backup
    restore_base(sync.ctx, file, run_of(world, source), sync.run)
    sides = read_sides(sync.ctx, file, sync.masters, decode(world.files.read(source, MOST_BYTES)))
    row = _merge(sync, file, sides, before, restored=True)
    return replace(row, why=f"restored from {source}; {row.why}")


def _apply(sync: SyncRun, look: ConfigLook) -> SyncedAgent:
    """Merge into what the file holds. A write of a session meanwhile stops it only if it changes what was planned."""
    file, world = look.file, sync.ctx.world
    for last in (*(False for _ in range(_TRIES)), True):
        with client_lock(world, file) if last else nullcontext(), nullcontext() if last else suppress(ChangedError):
            before = file.read(world)
            text = None if before is None else decode(before)
            sides = read_sides(sync.ctx, file, sync.masters, text)
            if sides.digest(file) != look.digest:
                break
            return _merge(sync, file, sides, before, locked=last)
    why = f"{file.path} changed after the plan was checked; it is untouched"
    return SyncedAgent(file.agent.name, file.path, "refused", why, "Plan again: ops config plan")


def _merge(  # noqa: PLR0913  (one write; the flags say who holds the lock and what was there before)
    sync: SyncRun,
    file: AgentConfig,
    sides: Sides,
    before: bytes | None,
    *,
    restored: bool = False,
    locked: bool = False,
) -> SyncedAgent:
    """Write what is decided; a `restored` text is written in any case. `locked`: the caller holds the lock."""
    name = file.agent.name
    decision, desired = decide(sides.differences, sides.base, sync.choice), sync.masters.of(file)
    servers = desired.dialect.servers
    changes, backup = restored or bool(decision.writes), None
    if changes:
        values = {difference.pointer: difference.desired for difference in by_server(decision.writes, servers)}
        values |= dict.fromkeys(emptied(decision.writes, desired.values, sides.document, servers), ABSENT)
        if file.kind in CLONE_KINDS and sync.ctx.world.git.tracks(file.folder, file.path):
            why = f"git tracks {file.path}: what it should hold is committed, for all agents"
            return SyncedAgent(name, file.path, "refused", why, f"Change {file.name} on a branch: ops branch start")
        text = file.edit(sides.text, values)
        backup = write(sync.ctx.world, file, before, encode(text), sync.run, locked=locked)
        _read_back(sync, file, tuple(difference.pointer for difference in decision.writes))
    applied, held = _pointers(by_server(decision.writes, servers)), _pointers(by_server(decision.held, servers))
    try:
        write_base(sync.ctx, file, sides.base, decision.base, sync.run)
    except OpsError as error:
        count = plural(len(applied), "change")
        what = f"{count} written to {file.path}" if changes else f"nothing to write to {file.path}"
        why = f"{what}, but its base was not stored: {error.message}"
        return SyncedAgent(name, file.path, "failed", why, error.next, backup, applied, held)
    state: Outcome = "applied" if changes else "refused" if held else "unchanged"
    accepted = [d.pointer for d in sides.differences if d.state in UNDECIDED and sync.choice.at(d.pointer) == "agent"]
    why, step = _explained(name, len(applied), decision.held, accepted)
    return SyncedAgent(name, file.path, state, why, step, backup, applied, held)


def _read_back(sync: SyncRun, file: AgentConfig, pointers: tuple[str, ...]) -> None:
    """A session may have written since and kept the new values; if it did not, the write is tried again."""
    if read_sides(sync.ctx, file, sync.masters).undone(pointers):
        raise ChangedError(
            "conflict", f"the change to {file.path} was undone by its session", "End the session, then sync again"
        )


def _pointers(differences: tuple[Difference, ...]) -> tuple[str, ...]:
    return tuple(d.pointer for d in differences)


def _explained(name: str, applied: int, held: tuple[Difference, ...], accepted: list[str]) -> tuple[str, str | None]:
    parts = [f"{plural(applied, 'change')} written and read back"] if applied else []
    if held:
        parts.append(f"left as the agent has it: {', '.join(f'{d.pointer} ({d.state})' for d in held[:5])}")
    if accepted:
        parts.append(f"accepted as the agent has it: {', '.join(accepted[:5])}")
    step = f"Decide: plan {name} again, then sync with take master or take agent" if held else None
    return "; ".join(parts) or IN_SYNC, step
