"""`config_plan` compares the agents' configs with the master and shows what `config_sync` would do."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from mcp_server.configs.dialects import labels
from mcp_server.configs.look_base import current_comments
from mcp_server.configs.look_configs import Change, ConfigLook, ConfigState, Problem, look_at_all, plan_digest
from mcp_server.configs.look_effect import inert_reason
from mcp_server.configs.look_in_sync import InSyncCache
from mcp_server.configs.look_locations import config_files
from mcp_server.configs.look_masters import Masters
from mcp_server.kernel.checked import Field
from mcp_server.kernel.document import MOST_ROWS, columns, notable_rows
from mcp_server.kernel.humanize import agent_names, plural
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params

_MOST_CHANGES: Final = 150
_FEW: Final = 10
_SIGNS: Final = {"add": "+", "replace": "~", "remove": "-"}


class PlanParams(Params):
    agents: list[str] = Field(default=[], max_length=200, description="Names of agents; none: all")
    exit_code: bool = Field(
        default=False,
        description="Exit with 1 also for any difference, as git diff --exit-code does; otherwise only if a config "
        "or the master cannot be compared",
    )


@dataclass(frozen=True)
class PlannedAgent:
    """One agent. `kept`: pointers whose other value was accepted. `omitted`: the number of changes not listed."""

    agent: str
    path: Path
    state: ConfigState
    changes: tuple[Change, ...]
    kept: tuple[str, ...]
    omitted: int
    problem: Problem | None
    inert: str | None
    "Why no client reads the file, and what to do; null if one does."


@dataclass(frozen=True)
class ConfigPlan:
    """`plan` names everything that was read; a sync of it is refused once any of that has changed.

    For a large fleet, `agents` lists some that are not in sync, and `omitted` counts the others.
    """

    plan: str
    agents: tuple[PlannedAgent, ...]
    warnings: tuple[str, ...]
    next: str | None
    "The command that does what the plan shows and restores what cannot be read; null if there is nothing to do."
    omitted: int
    ok: bool = field(repr=False)
    "False if something could not be compared or, with `exit_code`, differs."


def _plan(ctx: Context, params: PlanParams) -> ConfigPlan:
    masters = Masters(ctx)
    files = config_files(ctx, ctx.agents(params.agents))
    cache = InSyncCache(ctx, masters)
    looks = look_at_all(ctx, files, masters, cache)

    def inert(look: ConfigLook) -> str | None:
        return None if cache.is_named_in_env(look.file) else inert_reason(ctx, look.file)

    listed = notable_rows(looks, lambda look: look.state == "in_sync" and not inert(look), ctx.most(MOST_ROWS))
    plan = plan_digest(ctx, masters, looks)
    restore = ["--restore"] if any(look.problem and look.problem.restore for look in looks) else []
    sync = " ".join(["ops config sync --plan", plan, *restore, *params.agents])
    has_changes = restore or any(look.changes for look in looks)
    ok = all(look.state == "in_sync" or not (look.problem or params.exit_code) for look in looks)
    rows = tuple(_rows(listed, current_comments(ctx, masters), inert, ctx.most(_MOST_CHANGES)))
    return ConfigPlan(plan, rows, masters.left_out, sync if has_changes else None, len(looks) - len(rows), ok)


def _rows(
    looks: Iterable[ConfigLook],
    comments: Mapping[str, str],
    inert: Callable[[ConfigLook], str | None],
    most: int | None,
) -> Iterator[PlannedAgent]:
    room = most
    for look in looks:
        changes = tuple(replace(c, comment=comments.get(c.pointer)) for c in look.changes[:room])
        room = None if room is None else room - len(changes)
        omitted, file = len(look.changes) - len(changes), look.file
        yield PlannedAgent(
            file.agent.name, file.path, look.state, changes, look.accepted, omitted, look.problem, inert(look)
        )


def _text(result: ConfigPlan) -> str:
    lines: list[str] = []
    rows = [
        (label, a.state, a.problem.message if a.problem else _counted(a))
        for label, a in zip(labels([(a.agent, a.path) for a in result.agents]), result.agents, strict=True)
    ]
    for line, agent in zip(columns(rows).splitlines(), result.agents, strict=True):
        lines.append(line)
        lines += [f"    {_SIGNS[c.op]} {c.pointer}  {_line(c)}  ({c.state})" for c in agent.changes]
        if agent.omitted:
            lines.append(f"    ... {agent.omitted} more: ops config plan {agent.agent}")
        if agent.problem:
            lines += _problem_lines(agent.problem)
    reasons = dict.fromkeys(a.inert.replace(a.agent, "NAME") for a in result.agents if a.inert)
    for reason in reasons:
        names = [a.agent for a in result.agents if a.inert and a.inert.replace(a.agent, "NAME") == reason]
        lines.append(f"inert for {agent_names(names)}: {reason}")
    lines += [f"... and {result.omitted} agents more: ops config plan AGENT..."] if result.omitted else []
    lines += [f"warning: {warning}" for warning in result.warnings]
    lines.append(f"plan {result.plan}")
    return "\n".join([*lines, *([f"next: {result.next}"] if result.next else [])])


def _problem_lines(problem: Problem) -> Iterator[str]:
    if (restore := problem.restore) is None:
        yield f"    next: {problem.next}"
        return
    yield f"    --restore would put back {restore.backup}, of {restore.made_at:%Y-%m-%d %H:%M} UTC"
    if restore.loses:
        more = f" and {len(restore.loses) - _FEW} more" if len(restore.loses) > _FEW else ""
        yield f"    and lose what is newer in the file: {', '.join(restore.loses[:_FEW])}{more}"


def _counted(agent: PlannedAgent) -> str:
    count = len(agent.changes) + agent.omitted
    kept = f"{len(agent.kept)} kept" if agent.kept else ""
    return ", ".join(filter(None, [plural(count, "change") if count else "", kept]))


def _line(change: Change) -> str:
    before, after = (json.dumps(side, ensure_ascii=False) for side in (change.before, change.after))
    shown = {"add": after, "remove": before}.get(change.op, f"{before} -> {after}")
    return f"{shown}  # {change.comment}" if change.comment else shown


CONFIG_PLAN = Operation(
    name="config_plan",
    title="Plan a config sync",
    summary="Compare each agent's .claude.json with the fleet's master: state and changes per agent, and the "
    "plan that config_sync takes. Changes nothing; secrets show as fingerprints.",
    effect=Effect.READ,
    params=PlanParams,
    run=_plan,
    text=_text,
    ok=lambda result: result.ok,
    positional=("agents",),
    shell_only=frozenset({"exit_code"}),
    grows=True,
)
