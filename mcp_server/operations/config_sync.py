"""`config_sync` brings the agents' configs in step with the master, as `config_plan` showed it.

A config that does not exist is not made: without one Claude Code offers the newest backup of the old file, while
a new file with the master's keys alone would hide that offer and lead to the full onboarding all the same.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from mcp_server.domain.config import ASKS, Choice, Difference, Take, decide, is_written
from mcp_server.domain.document import columns
from mcp_server.domain.errors import OpsError, shown
from mcp_server.domain.wording import times
from mcp_server.observe import configs
from mcp_server.observe.config_files import (
    AgentConfig,
    ChangedError,
    config_files,
    last_good,
    new_run,
    noted_digest,
    run_of,
    utf8,
)
from mcp_server.observe.config_watch import Written, settled
from mcp_server.observe.configs import ConfigLook, Masters, Sides
from mcp_server.ports import Context, Effect, Operation, Params

_TRIES: Final = 5
"How often a write is tried while a session writes as well, before the lock is held for all of it."
Outcome = Literal["applied", "unchanged", "refused", "failed"]


class SyncParams(Params):
    plan: str = Field(max_length=64, description="`plan` of config_plan for these agents")
    agents: list[str] = Field(default=[], max_length=200, description="As planned; none: all")
    take: Take | None = Field(
        default=None, description="Values the agent changed: overwrite (master) or accept (agent); none: report"
    )
    pointers: list[str] = Field(default=[], max_length=200, description="Take only at these; none: at all")
    restore: bool = Field(
        default=False, description="Bring back the last good backup of a config that is missing or cannot be read"
    )
    jobs: int = Field(default=4, ge=1, le=64, description="How many agents at the same time")
    watch: int = Field(
        default=3, ge=0, le=60, description="Seconds to wait for the next write of a running session, to look again"
    )


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
class ConfigSync:
    """`run` names the folder of this sync's backups, and what `ops config rollback` takes back."""

    run: str
    agents: tuple[SyncedAgent, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Sync:
    ctx: Context
    masters: Masters
    choice: Choice
    restore: bool
    run: str


_Task = tuple[AgentConfig, ConfigLook]


def _sync(ctx: Context, params: SyncParams) -> ConfigSync:
    files = config_files(ctx, ctx.agents(params.agents))
    run = new_run(ctx.world)
    with ctx.world.files.lock(f"configs-{configs.fleet_key(ctx)}"):
        masters = Masters(ctx)
        looks = configs.looks_at(ctx, files, masters)
        if configs.plan_digest(ctx, masters, looks) != params.plan:
            problem = f"the plan {shown(params.plan, 20)} is not what stands now, or was made for other agents"
            raise OpsError("conflict", problem, f"Plan again: ops config plan {' '.join(params.agents)}".rstrip())
        choice = _choice(params, looks)
        sync = _Sync(ctx, masters, choice, params.restore, run)
        rows = _all(sync, tuple(zip(files, looks, strict=True)), params)
    return ConfigSync(run, rows, masters.left_out)


def _choice(params: SyncParams, looks: Sequence[ConfigLook]) -> Choice:
    known = {at for seen in looks for at in (*(change.pointer for change in seen.changes), *seen.kept)}
    if strange := [at for at in params.pointers if at not in known]:
        raise OpsError("invalid", f"the plan has no change at {shown(strange[0])}", "Name pointers as the plan does")
    if params.pointers and params.take is None:
        raise OpsError("invalid", "pointers are given, and no side to take", "Add: --take master or --take agent")
    return Choice(params.take, frozenset(params.pointers))


def _all(
    sync: _Sync, tasks: tuple[tuple[AgentConfig, ConfigLook], ...], params: SyncParams
) -> tuple[SyncedAgent, ...]:
    """Each agent on its own, those that do not run first; then a look at what the running ones made of it."""
    running = sync.ctx.running.keys() if any(_writes(sync, seen) for _, seen in tasks) else ()
    done: dict[Path, SyncedAgent] = {}
    with ThreadPoolExecutor(params.jobs) as pool:
        for live in (False, True):
            turn = [task for task in tasks if (task[0].agent.name in running) is live]
            done |= {row.path: row for row in pool.map(partial(_synced, sync), turn)}
    written = [
        Written(file, row.applied, noted_digest(sync.ctx.world, row.backup))
        for file, _ in tasks
        if file.agent.name in running and (row := done[file.path]).state == "applied" and row.backup
    ]
    for file, note, undone in settled(sync.ctx, written, sync.masters, params.watch):
        row = done[file.path]
        step = "Plan again: ops config plan" if undone else row.next
        state = "failed" if undone else row.state
        done[row.path] = replace(row, state=state, why=f"{row.why}; {note}", next=step)
    return tuple(done[file.path] for file, _ in tasks)


def _writes(sync: _Sync, seen: ConfigLook) -> bool:
    changed = any(is_written(change.state, sync.choice.at(change.pointer)) for change in seen.changes)
    return changed or any(is_written("kept", sync.choice.at(at)) for at in seen.kept)


def _synced(sync: _Sync, task: _Task) -> SyncedAgent:
    file, seen = task
    try:
        if seen.problem and sync.restore:
            return _restored(sync, file, seen)
        if seen.problem:
            return SyncedAgent(file.agent.name, file.path, "refused", seen.problem.message, seen.problem.next)
        return _apply(sync, file, seen)
    except OpsError as error:
        return SyncedAgent(file.agent.name, file.path, "failed", error.message, error.next)


def _restored(sync: _Sync, file: AgentConfig, seen: ConfigLook) -> SyncedAgent:
    """The last good backup in place of what cannot be read, which is backed up; in step as any other at once."""
    world = sync.ctx.world
    before = file.held(world)
    if configs.look_at(sync.ctx, file, sync.masters).digest != seen.digest:
        raise OpsError("conflict", f"{file.path} is no longer what was planned on", "Plan again: ops config plan")
    source = last_good(world, file)
    if source is None:
        reason = seen.problem.message if seen.problem else ""
        raise OpsError("not_found", f"{reason}; there is no backup of it that can be read", f"Write {file.path}")
    configs.put_base_back(sync.ctx, file, run_of(world, source), sync.run)
    sides = configs.read_sides(sync.ctx, file, sync.masters, world.files.read_text(source))
    row = _merge(sync, file, sides, before, restored=True)
    return replace(row, why=f"restored from {source}; {row.why}")


def _apply(sync: _Sync, file: AgentConfig, seen: ConfigLook) -> SyncedAgent:
    """Merge into what the file holds; a session that writes meanwhile is no reason to stop, unless it changes what
    the plan rests on."""
    for last in (*(False for _ in range(_TRIES)), True):
        with file.lock(sync.ctx.world) if last else nullcontext(), nullcontext() if last else suppress(ChangedError):
            before = file.held(sync.ctx.world)
            text = None if before is None else utf8(before, file.path)
            sides = configs.read_sides(sync.ctx, file, sync.masters, text)
            if configs.digest_of(file, sides) != seen.digest:
                break
            return _merge(sync, file, sides, before, locked=last)
    why = f"{file.path} changed after the plan was checked; it is untouched"
    return SyncedAgent(file.agent.name, file.path, "refused", why, "Plan again: ops config plan")


def _merge(  # noqa: PLR0913  (one write, told apart by who holds the lock and what stood before)
    sync: _Sync,
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
        configs.note_base(sync.ctx, file, sides.base, decision.base, sync.run)
    except OpsError as error:
        why = f"{times(len(done), 'change')} written to {file.path} but not noted: {error.message}"
        return SyncedAgent(name, file.path, "failed", why, error.next, backup, done, held)
    state: Outcome = "applied" if write else "refused" if held else "unchanged"
    accepted = [d.pointer for d in sides.differences if d.state in ASKS and sync.choice.at(d.pointer) == "agent"]
    why, step = _explained(name, len(done), decision.held, accepted)
    return SyncedAgent(name, file.path, state, why, step, backup, done, held)


def _read_back(sync: _Sync, file: AgentConfig, pointers: tuple[str, ...]) -> None:
    """A session may have written since, with our values in it; without them the write is tried again."""
    found = {d.pointer: d.state for d in configs.read_sides(sync.ctx, file, sync.masters).differences}
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
    return "; ".join(parts) or "in step with the master", step


def _text(result: ConfigSync) -> str:
    lines: list[str] = []
    rows = [(a.agent, a.state, a.why) for a in result.agents]
    for line, agent in zip(columns(rows).splitlines(), result.agents, strict=True):
        lines.append(line)
        lines += [f"    backup: {agent.backup}"] if agent.backup else []
        lines += [f"    next: {agent.next}"] if agent.next else []
    if any(agent.backup for agent in result.agents):
        lines.append(f"run {result.run}; to take it back: ops config rollback {result.run}")
    return "\n".join([*lines, *(f"warning: {warning}" for warning in result.warnings)])


CONFIG_SYNC = Operation(
    name="config_sync",
    title="Sync configs",
    summary="Bring each agent's .claude.json in step with the master. What the master does not name stays; replaced "
    "files are backed up; a stale plan is refused.",
    effect=Effect.WRITE,
    params=SyncParams,
    run=_sync,
    text=_text,
    ok=lambda result: all(a.state in ("applied", "unchanged") and not a.held for a in result.agents),
    positional=("agents",),
    shell_only=frozenset({"pointers", "restore", "jobs", "watch"}),
    repeated=frozenset({"pointers"}),
    destructive=True,
)
