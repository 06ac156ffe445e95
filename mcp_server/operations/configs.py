"""Configs in step with the master: `config_plan` shows what a sync would do, `config_sync` does it.

A config that does not exist is not made: without one Claude Code offers the newest backup of the old file, while
a new file with the master's keys alone would hide that offer and lead to the full onboarding all the same.
"""

import json
import secrets
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from mcp_server.domain.config import ASKS, Base, Desired, Difference, PointerState, Take, applied, decide, is_written
from mcp_server.domain.document import Json, columns
from mcp_server.domain.errors import OpsError, shown
from mcp_server.domain.inventory import Agent
from mcp_server.domain.jsontext import dump, layout_of
from mcp_server.observe import configs
from mcp_server.observe.configs import Change, ConfigLook, ConfigState, Problem, Sides
from mcp_server.ports import Context, Effect, Operation, Params

Outcome = Literal["applied", "unchanged", "refused", "failed"]

_MOST_CHANGES: Final = 150
_SIGNS: Final = {"add": "+", "replace": "~", "remove": "-"}


class PlanParams(Params):
    agents: list[str] = Field(default=[], max_length=200, description="Names of agents; none: all of them")


class SyncParams(Params):
    plan: str = Field(max_length=64, description="`plan` of config_plan for these agents")
    agents: list[str] = Field(default=[], max_length=200, description="As planned; none: all")
    take: Take | None = Field(
        default=None, description="Values the agent changed: overwrite (master) or accept (agent); none: report"
    )


@dataclass(frozen=True)
class PlannedAgent:
    """One agent. `kept`: pointers whose other value was accepted. `omitted`: changes there was no room for."""

    agent: str
    path: Path
    state: ConfigState
    changes: tuple[Change, ...]
    kept: tuple[str, ...]
    omitted: int
    problem: Problem | None


@dataclass(frozen=True)
class ConfigPlan:
    """`plan` names what was read for it; a sync of it is refused once any of that has changed."""

    plan: str
    agents: tuple[PlannedAgent, ...]
    warnings: tuple[str, ...]


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
    """`run` names the folder of this sync's backups."""

    run: str
    agents: tuple[SyncedAgent, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Sync:
    ctx: Context
    desired: Desired
    take: Take | None
    run: str


def _plan(ctx: Context, params: PlanParams) -> ConfigPlan:
    desired = configs.desired_config(ctx)
    looks = configs.looks_at(ctx, ctx.agents(params.agents), desired)
    room = _MOST_CHANGES
    rows: list[PlannedAgent] = []
    for seen in looks:
        changes = seen.changes[: max(room, 0)]
        room -= len(changes)
        omitted = len(seen.changes) - len(changes)
        rows.append(PlannedAgent(seen.agent, seen.path, seen.state, changes, seen.kept, omitted, seen.problem))
    return ConfigPlan(configs.plan_digest(ctx, desired, looks), tuple(rows), desired.left_out)


def _sync(ctx: Context, params: SyncParams) -> ConfigSync:
    agents = ctx.agents(params.agents)
    run = f"{ctx.world.clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    with ctx.world.files.lock(f"configs-{configs.fleet_key(ctx)}"):
        desired = configs.desired_config(ctx)
        looks = configs.looks_at(ctx, agents, desired)
        if configs.plan_digest(ctx, desired, looks) != params.plan:
            problem = f"the plan {shown(params.plan, 20)} is not what stands now, or was made for other agents"
            raise OpsError("conflict", problem, f"Plan again: ops config plan {' '.join(params.agents)}".rstrip())
        sync = _Sync(ctx, desired, params.take, run)
        rows = tuple(_synced(sync, agent, seen) for agent, seen in zip(agents, looks, strict=True))
    return ConfigSync(run, rows, desired.left_out)


def _synced(sync: _Sync, agent: Agent, seen: ConfigLook) -> SyncedAgent:
    if seen.problem:
        return SyncedAgent(agent.name, agent.config, "refused", seen.problem.message, seen.problem.next)
    states: list[PointerState] = [*(change.state for change in seen.changes), *("kept" for _ in seen.kept)]
    writes = any(is_written(state, sync.take) for state in states)
    try:
        with sync.ctx.world.files.config_lock(agent.config) if writes else nullcontext():
            return _apply(sync, agent, seen)
    except OpsError as error:
        return SyncedAgent(agent.name, agent.config, "failed", error.message, error.next)


def _apply(sync: _Sync, agent: Agent, seen: ConfigLook) -> SyncedAgent:
    """Merge into what the file holds at this moment; if that is not what was planned on, leave it."""
    sides = configs.read_sides(sync.ctx, agent, sync.desired)
    if configs.digest_of(agent, sides) != seen.digest:
        why = f"{agent.config} changed after the plan was checked; it is untouched"
        return SyncedAgent(agent.name, agent.config, "refused", why, "Plan again: ops config plan")
    decision = decide(sides.differences, sides.base, sync.take)
    backup = _write(sync, agent, sides, decision.writes) if decision.writes else None
    done, held = _pointers(decision.writes), _pointers(decision.held)
    try:
        _note(sync.ctx, agent, sides.base, decision.base)
    except OpsError as error:
        why = f"{_times(len(done))} written to {agent.config} but not noted: {error.message}"
        return SyncedAgent(agent.name, agent.config, "failed", why, error.next, backup, done, held)
    state: Outcome = "applied" if done else "refused" if held else "unchanged"
    why, step = _explained(agent, len(done), decision.held, seen if sync.take == "agent" else None)
    return SyncedAgent(agent.name, agent.config, state, why, step, backup, done, held)


def _write(sync: _Sync, agent: Agent, sides: Sides, writes: tuple[Difference, ...]) -> Path:
    files = sync.ctx.world.files
    backup = files.back_up(agent.config, sync.run)
    text = dump(applied(sides.document, writes), layout_of(sides.text))
    files.replace(agent.config, text.encode(), inside=agent.folder)
    return backup


def _note(ctx: Context, agent: Agent, before: Base, after: Base) -> None:
    """Keep the base for the next comparison; it follows the config, never runs ahead of it."""
    if after == before:
        return
    document: dict[str, Json] = {"version": 1, "master": dict(after.master), "agent": dict(after.agent)}
    path = configs.base_path(ctx, agent)
    ctx.world.files.replace(path, json.dumps(document, indent=1).encode(), inside=ctx.world.state, mode=0o600)


def _pointers(differences: tuple[Difference, ...]) -> tuple[str, ...]:
    return tuple(d.pointer for d in differences)


def _explained(
    agent: Agent, done: int, held: tuple[Difference, ...], accepted: ConfigLook | None
) -> tuple[str, str | None]:
    parts = [f"{_times(done)} written and read back"] if done else []
    if held:
        parts.append(f"left as the agent has it: {', '.join(f'{d.pointer} ({d.state})' for d in held[:5])}")
    kept = [c.pointer for c in accepted.changes if c.state in ASKS] if accepted else []
    if kept:
        parts.append(f"accepted as the agent has it: {', '.join(kept[:5])}")
    step = f"Decide: plan {agent.name} again, then sync with take master or take agent" if held else None
    return "; ".join(parts) or "in step with the master", step


def _plan_text(result: ConfigPlan) -> str:
    lines: list[str] = []
    rows = [(a.agent, a.state, a.problem.message if a.problem else _counted(a)) for a in result.agents]
    for line, agent in zip(columns(rows).splitlines(), result.agents, strict=True):
        lines.append(line)
        lines += [f"    {_SIGNS[c.op]} {c.pointer}  {_line(c)}  ({c.state})" for c in agent.changes]
        if agent.omitted:
            lines.append(f"    ... {agent.omitted} more: ops config plan {agent.agent}")
        if agent.problem:
            lines.append(f"    next: {agent.problem.next}")
    lines += [f"warning: {warning}" for warning in result.warnings]
    return "\n".join([*lines, f"plan {result.plan}"])


def _counted(agent: PlannedAgent) -> str:
    count = len(agent.changes) + agent.omitted
    return ", ".join(filter(None, [_times(count) if count else "", f"{len(agent.kept)} kept" if agent.kept else ""]))


def _times(count: int) -> str:
    return "1 change" if count == 1 else f"{count} changes"


def _line(change: Change) -> str:
    before, after = (json.dumps(side, ensure_ascii=False) for side in (change.before, change.after))
    return {"add": after, "remove": before}.get(change.op, f"{before} -> {after}")


def _sync_text(result: ConfigSync) -> str:
    lines: list[str] = []
    rows = [(a.agent, a.state, a.why) for a in result.agents]
    for line, agent in zip(columns(rows).splitlines(), result.agents, strict=True):
        lines.append(line)
        lines += [f"    backup: {agent.backup}"] if agent.backup else []
        lines += [f"    next: {agent.next}"] if agent.next else []
    return "\n".join([*lines, *(f"warning: {warning}" for warning in result.warnings)])


CONFIG_PLAN = Operation(
    name="config_plan",
    title="Plan a config sync",
    summary="Compare each agent's .claude.json with the fleet's master: state and changes per agent, and the "
    "plan that config_sync takes. Changes nothing; secrets show as fingerprints.",
    effect=Effect.READ,
    params=PlanParams,
    run=_plan,
    text=_plan_text,
    ok=lambda result: all(agent.state == "in_sync" for agent in result.agents),
    positional=("agents",),
)

CONFIG_SYNC = Operation(
    name="config_sync",
    title="Sync configs",
    summary="Bring each agent's .claude.json in step with the master. What the master does not name stays; replaced "
    "files are backed up; a stale plan is refused.",
    effect=Effect.WRITE,
    params=SyncParams,
    run=_sync,
    text=_sync_text,
    ok=lambda result: all(a.state in ("applied", "unchanged") and not a.held for a in result.agents),
    positional=("agents",),
    destructive=True,
)
