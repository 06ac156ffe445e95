"""`config_sync` brings the agents' configs in sync with the master, as `config_plan` showed.

A missing config is not created: without one, Claude Code offers the newest backup of the old file, while a new file
with only the master's keys would hide that offer and still lead to the full onboarding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mcp_server.configs.dialects import labels
from mcp_server.configs.look_configs import ConfigLook, look_at_all, plan_digest
from mcp_server.configs.look_file import AgentConfig
from mcp_server.configs.look_in_sync import InSyncCache
from mcp_server.configs.look_locations import config_files
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.three_way import Choice, Take
from mcp_server.configs.write_agent import IN_SYNC, SyncedAgent, SyncRun
from mcp_server.configs.write_all import recheck, sync_all, update_cache
from mcp_server.configs.write_file import fleet_lock, new_run
from mcp_server.kernel.checked import Field
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
        default=3,
        ge=0,
        le=60,
        description="Seconds to wait for the next write of a running session, to check the config again",
    )


@dataclass(frozen=True)
class ConfigSync:
    """`run` names the folder of this sync's backups, and is what `ops config rollback` takes.

    For a large fleet, `agents` lists some that were not unchanged, failures first; `omitted` counts the others.
    """

    run: str
    agents: tuple[SyncedAgent, ...]
    warnings: tuple[str, ...]
    omitted: int
    ok: bool = field(repr=False)


def _sync(ctx: Context, params: SyncParams) -> ConfigSync:
    files = config_files(ctx, ctx.agents(params.agents))
    run = new_run(ctx.world)
    with fleet_lock(ctx):
        masters = Masters(ctx)
        cache = InSyncCache(ctx, masters)
        looks = look_at_all(ctx, files, masters, cache)
        if plan_digest(ctx, masters, looks) != params.plan:
            problem = f"the plan {shown(params.plan, 20)} is out of date, or was made for other agents"
            raise OpsError("conflict", problem, f"Plan again: ops config plan {' '.join(params.agents)}".rstrip())
        sync = SyncRun(ctx, masters, _choice(params, looks), params.restore, run)
        touched = [look for look in looks if not look.untouched]
        rows = sync_all(sync, touched, params.jobs)
        update_cache(sync, cache, config_files(ctx, ctx.fleet.agents) if params.agents else files, touched)
    rows |= recheck(sync, touched, rows, params.watch)
    shown_rows = _shown(looks, rows, ctx.most(MOST_ROWS))
    ok = not any(map(_in_trouble, rows.values()))
    return ConfigSync(run, shown_rows, masters.left_out, len(looks) - len(shown_rows), ok)


def _shown(
    looks: Sequence[ConfigLook], rows: Mapping[Path, SyncedAgent], most: int | None
) -> tuple[SyncedAgent, ...]:
    """Every row of a small fleet; of a large one `most` that are not unchanged, those in trouble first."""
    if most is None or len(looks) <= most:
        return tuple(rows.get(look.file.path) or _unchanged(look.file) for look in looks)
    changed = [row for row in rows.values() if row.state != "unchanged"]
    return tuple(sorted(changed, key=lambda row: not _in_trouble(row))[:most])


def _unchanged(file: AgentConfig) -> SyncedAgent:
    return SyncedAgent(file.agent.name, file.path, "unchanged", IN_SYNC)


def _in_trouble(row: SyncedAgent) -> bool:
    return row.state not in ("applied", "unchanged") or bool(row.held)


def _choice(params: SyncParams, looks: Sequence[ConfigLook]) -> Choice:
    if params.pointers:
        known = {f"{at}/" for look in looks for at in (*(change.pointer for change in look.changes), *look.accepted)}
        known |= {at[:end] for at in known for end, letter in enumerate(at, 1) if letter == "/" and end > 1}
        if unknown := [at for at in params.pointers if f"{at}/" not in known]:
            problem = f"the plan has no change at {shown(unknown[0])}"
            raise OpsError("invalid", problem, "Name pointers as the plan does")
        if params.take is None:
            raise OpsError("invalid", "pointers are given, and no side to take", "Add: --take master or --take agent")
    return Choice(params.take, frozenset(params.pointers))


def _text(result: ConfigSync) -> str:
    lines: list[str] = []
    named = labels([(a.agent, a.path) for a in result.agents])
    rows = [(label, a.state, a.why) for label, a in zip(named, result.agents, strict=True)]
    for line, agent in zip(columns(rows).splitlines(), result.agents, strict=True):
        lines.append(line)
        lines += [f"    backup: {agent.backup}"] if agent.backup else []
        lines += [f"    next: {agent.next}"] if agent.next else []
    if any(agent.backup for agent in result.agents):
        lines.append(f"run {result.run}; to roll it back: ops config rollback {result.run}")
    lines += [f"... and {result.omitted} agents more"] if result.omitted else []
    return "\n".join([*lines, *(f"warning: {warning}" for warning in result.warnings)])


CONFIG_SYNC = Operation(
    name="config_sync",
    title="Sync configs",
    summary="Bring each agent's .claude.json in sync with the master. What the master does not name stays; replaced "
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
