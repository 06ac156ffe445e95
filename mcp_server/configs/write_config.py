"""One agent's config is brought in step with the master, or put back from a backup, as `config_sync` was told."""

from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from mcp_server.configs.look_base import note_base, put_base_back
from mcp_server.configs.look_configs import ConfigLook, Sides, digest_of, look_at, read_sides
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.three_way import ASKS, Choice, Difference, decide
from mcp_server.configs.write_files import AgentConfig, ChangedError, last_good, run_of, utf8
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.humanize import times
from mcp_server.operation.context import Context

IN_STEP: Final = "in step with the master"
_TRIES: Final = 5
"How often a write is tried while a session writes as well, before the lock is held for all of it."
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
class ConfigWrite:
    """What one sync was told. `restore`: bring back what cannot be read; `run` names the backups."""

    ctx: Context
    masters: Masters
    choice: Choice
    restore: bool
    run: str


def written(sync: ConfigWrite, seen: ConfigLook) -> SyncedAgent:
    """One agent's config brought in step, or put back from its backup; what is wrong is told, not raised."""
    file = seen.file
    try:
        if seen.problem and sync.restore:
            return _restored(sync, seen)
        if seen.problem:
            kept = last_good(sync.ctx.world, file)
            step = f"Plan again, then sync with --restore: it brings back {kept}" if kept else seen.problem.next
            return SyncedAgent(file.agent.name, file.path, "refused", seen.problem.message, step)
        return _apply(sync, seen)
    except OpsError as error:
        return SyncedAgent(file.agent.name, file.path, "failed", error.message, error.next)


def _restored(sync: ConfigWrite, seen: ConfigLook) -> SyncedAgent:
    """The last good backup in place of what cannot be read, which is backed up; in step as any other at once."""
    world, file = sync.ctx.world, seen.file
    before = file.held(world)
    if look_at(sync.ctx, file, sync.masters).digest != seen.digest:
        raise OpsError("conflict", f"{file.path} is no longer what was planned on", "Plan again: ops config plan")
    source = last_good(world, file)
    if source is None:
        reason = seen.problem.message if seen.problem else ""
        raise OpsError("not_found", f"{reason}; there is no backup of it that can be read", f"Write {file.path}")
    put_base_back(sync.ctx, file, run_of(world, source), sync.run)
    sides = read_sides(sync.ctx, file, sync.masters, world.files.read_text(source))
    row = _merge(sync, file, sides, before, restored=True)
    return replace(row, why=f"restored from {source}; {row.why}")


def _apply(sync: ConfigWrite, seen: ConfigLook) -> SyncedAgent:
    """Merge into what the file holds; a session that writes meanwhile is no reason to stop, unless it changes what
    the plan rests on."""
    file = seen.file
    for last in (*(False for _ in range(_TRIES)), True):
        with file.lock(sync.ctx.world) if last else nullcontext(), nullcontext() if last else suppress(ChangedError):
            before = file.held(sync.ctx.world)
            text = None if before is None else utf8(before, file.path)
            sides = read_sides(sync.ctx, file, sync.masters, text)
            if digest_of(file, sides) != seen.digest:
                break
            return _merge(sync, file, sides, before, locked=last)
    why = f"{file.path} changed after the plan was checked; it is untouched"
    return SyncedAgent(file.agent.name, file.path, "refused", why, "Plan again: ops config plan")


def _merge(  # noqa: PLR0913  (one write, told apart by who holds the lock and what stood before)
    sync: ConfigWrite,
    file: AgentConfig,
    sides: Sides,
    before: bytes | None,
    *,
    restored: bool = False,
    locked: bool = False,
) -> SyncedAgent:
    """Write what is decided on; what was `restored` is written in any case. `locked`: the caller holds the lock."""
    name = file.agent.name
    decision = decide(sides.differences, sides.base, sync.choice)
    write, backup = restored or bool(decision.writes), None
    if write:
        values = {difference.pointer: difference.desired for difference in decision.writes}
        text = sync.masters.of(file).form.edited(sides.text, values)
        backup = file.write(sync.ctx.world, before, text.encode(), sync.run, locked=locked)
        _read_back(sync, file, tuple(values))
    done, held = _pointers(decision.writes), _pointers(decision.held)
    try:
        note_base(sync.ctx, file, sides.base, decision.base, sync.run)
    except OpsError as error:
        what = f"{times(len(done), 'change')} written to {file.path}" if write else f"nothing to write to {file.path}"
        why = f"{what}, but that was not noted: {error.message}"
        return SyncedAgent(name, file.path, "failed", why, error.next, backup, done, held)
    state: Outcome = "applied" if write else "refused" if held else "unchanged"
    accepted = [d.pointer for d in sides.differences if d.state in ASKS and sync.choice.at(d.pointer) == "agent"]
    why, step = _explained(name, len(done), decision.held, accepted)
    return SyncedAgent(name, file.path, state, why, step, backup, done, held)


def _read_back(sync: ConfigWrite, file: AgentConfig, pointers: tuple[str, ...]) -> None:
    """A session may have written since, with our values in it; without them the write is tried again."""
    found = {d.pointer: d.state for d in read_sides(sync.ctx, file, sync.masters).differences}
    if any(found.get(at, "in_sync") != "in_sync" for at in pointers):
        raise ChangedError("conflict", f"{file.path} is undone by its session", "End the session, then sync again")


def _pointers(differences: tuple[Difference, ...]) -> tuple[str, ...]:
    return tuple(d.pointer for d in differences)


def _explained(name: str, done: int, held: tuple[Difference, ...], accepted: list[str]) -> tuple[str, str | None]:
    parts = [f"{times(done, 'change')} written and read back"] if done else []
    if held:
        parts.append(f"left as the agent has it: {', '.join(f'{d.pointer} ({d.state})' for d in held[:5])}")
    if accepted:
        parts.append(f"accepted as the agent has it: {', '.join(accepted[:5])}")
    step = f"Decide: plan {name} again, then sync with take master or take agent" if held else None
    return "; ".join(parts) or IN_STEP, step
