"""`config_sync` brings the agents' configs in step with the master, as `config_plan` showed it.

A config that does not exist is not made: without one Claude Code offers the newest backup of the old file, while
a new file with the master's keys alone would hide that offer and lead to the full onboarding all the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import Field

from mcp_server.configs import look_configs as configs
from mcp_server.configs.in_sync_cache import Seen, key_of
from mcp_server.configs.look_after_write import Written, settled
from mcp_server.configs.look_configs import ConfigLook
from mcp_server.configs.look_locations import config_files
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.three_way import Choice, Take, is_written
from mcp_server.configs.write_config import IN_STEP, ConfigWrite, SyncedAgent, written
from mcp_server.configs.write_files import AgentConfig, new_run, noted_digest
from mcp_server.kernel.document import MOST_ROWS, columns
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


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
class ConfigSync:
    """`run` names the folder of this sync's backups, and what `ops config rollback` takes back.

    Of a large fleet `agents` are some that were not unchanged, those in trouble first; `omitted` counts the others.
    """

    run: str
    agents: tuple[SyncedAgent, ...]
    warnings: tuple[str, ...]
    omitted: int
    ok: bool = field(repr=False)


def _sync(ctx: Context, params: SyncParams) -> ConfigSync:
    files = config_files(ctx, ctx.agents(params.agents))
    run = new_run(ctx.world)
    with ctx.world.files.lock(f"configs-{ctx.key}"):
        masters = Masters(ctx)
        seen = Seen(ctx, masters)
        looks = configs.looks_at(ctx, files, masters, seen)
        if configs.plan_digest(ctx, masters, looks) != params.plan:
            problem = f"the plan {shown(params.plan, 20)} is not what stands now, or was made for other agents"
            raise OpsError("conflict", problem, f"Plan again: ops config plan {' '.join(params.agents)}".rstrip())
        sync = ConfigWrite(ctx, masters, _choice(params, looks), params.restore, run)
        tasks = [look for look in looks if not look.untouched]
        done = _all(sync, tasks, params.jobs)
        _note(sync, seen, config_files(ctx, ctx.fleet.agents) if params.agents else files, tasks)
    applied = [look.file for look in tasks if done[look.file.path].state == "applied"]
    done |= _watched(sync, applied, done, params.watch)
    if len(looks) <= MOST_ROWS:
        rows = tuple(done.get(look.file.path) or _unchanged(look.file) for look in looks)
    else:
        told = sorted(
            (row for row in done.values() if row.state != "unchanged"), key=lambda row: not _in_trouble(row)
        )
        rows = tuple(told[:MOST_ROWS])
    return ConfigSync(run, rows, masters.left_out, len(looks) - len(rows), not any(map(_in_trouble, done.values())))


def _unchanged(file: AgentConfig) -> SyncedAgent:
    return SyncedAgent(file.agent.name, file.path, "unchanged", IN_STEP)


def _in_trouble(row: SyncedAgent) -> bool:
    return row.state not in ("applied", "unchanged") or bool(row.held)


def _choice(params: SyncParams, looks: Sequence[ConfigLook]) -> Choice:
    if params.pointers:
        known = {at for look in looks for at in (*(change.pointer for change in look.changes), *look.kept)}
        if strange := [at for at in params.pointers if at not in known]:
            problem = f"the plan has no change at {shown(strange[0])}"
            raise OpsError("invalid", problem, "Name pointers as the plan does")
        if params.take is None:
            raise OpsError("invalid", "pointers are given, and no side to take", "Add: --take master or --take agent")
    return Choice(params.take, frozenset(params.pointers))


def _all(sync: ConfigWrite, tasks: Sequence[ConfigLook], jobs: int) -> dict[Path, SyncedAgent]:
    """Each agent on its own, those that do not run first."""
    running = set[str]()
    if any(_writes(sync, look) for look in tasks):
        running = {name for name, processes in sync.ctx.running.items() if processes}
    done: dict[Path, SyncedAgent] = {}
    count = sync.ctx.steps(len(tasks), "configs written")

    def one(look: ConfigLook) -> SyncedAgent:
        count()
        return written(sync, look)

    with ThreadPoolExecutor(jobs) as pool:
        for live in (False, True):
            turn = [task for task in tasks if (task.file.agent.name in running) is live]
            done |= {row.path: row for row in pool.map(one, turn)}
    return done


def _watched(
    sync: ConfigWrite, applied: Sequence[AgentConfig], done: Mapping[Path, SyncedAgent], patience: float
) -> Iterator[tuple[Path, SyncedAgent]]:
    """What the running agents made of it; other syncs need not wait for that."""
    wrote = [
        Written(file, row.applied, noted_digest(sync.ctx.world, row.backup))
        for file in applied
        if sync.ctx.running.get(file.agent.name) and (row := done[file.path]).backup
    ]
    for file, note, undone in settled(sync.ctx, wrote, sync.masters, patience):
        row = done[file.path]
        step = "Plan again: ops config plan" if undone else row.next
        state = "failed" if undone else row.state
        yield row.path, replace(row, state=state, why=f"{row.why}; {note}", next=step)


def _writes(sync: ConfigWrite, seen: ConfigLook) -> bool:
    changed = any(is_written(change.state, sync.choice.at(change.pointer)) for change in seen.changes)
    return changed or any(is_written("kept", sync.choice.at(at)) for at in seen.kept)


def _note(sync: ConfigWrite, seen: Seen, files: Sequence[AgentConfig], tasks: Sequence[ConfigLook]) -> None:
    """For the next plan: which of the fleet's configs are in step now. Those just worked on are looked at again."""
    stamped = [(file, sync.ctx.world.files.stamp(key_of(file))) for file in (look.file for look in tasks)]
    looked = [(file, stamp, configs.look_at(sync.ctx, file, sync.masters)) for file, stamp in stamped if stamp]
    in_step = ((file, at, look.digest) for file, at, look in looked if look.state == "in_sync" and not look.kept)
    seen.note(in_step, files)


def _text(result: ConfigSync) -> str:
    lines: list[str] = []
    rows = [(a.agent, a.state, a.why) for a in result.agents]
    for line, agent in zip(columns(rows).splitlines(), result.agents, strict=True):
        lines.append(line)
        lines += [f"    backup: {agent.backup}"] if agent.backup else []
        lines += [f"    next: {agent.next}"] if agent.next else []
    if any(agent.backup for agent in result.agents):
        lines.append(f"run {result.run}; to take it back: ops config rollback {result.run}")
    lines += [f"... and {result.omitted} agents more"] if result.omitted else []
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
    ok=lambda result: result.ok,
    positional=("agents",),
    shell_only=frozenset({"pointers", "restore", "jobs", "watch"}),
    repeated=frozenset({"pointers"}),
    destructive=True,
)
