"""`agent_home` gives agents a config folder outside of their clones, and moves there what is in the clones."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from mcp_server.agents.look_old_home import OldHome, look_at_old_home, plan_digest
from mcp_server.agents.write_home import make_home
from mcp_server.agents.write_old_home import Moves, move_back, move_out, new_run
from mcp_server.fleet.look_home import home_of
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.humanize import plural
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params

State = Literal["planned", "done", "undone", "refused"]
_MOST = 20
"Moves of one agent that are listed."


class HomeParams(Params):
    agents: list[str] = Field(default=[], max_length=200, description="Names of agents, none: all")
    plan: str | None = Field(default=None, max_length=64, description="Apply this plan; without it: make the plan")
    undo: str | None = Field(default=None, max_length=64, description="Bring back what this run moved")


@dataclass(frozen=True)
class HomeOfAgent:
    """One agent's config folder; `moves` are paths in its clone and their new ones, `moved` counts all of them."""

    agent: str
    home: Path
    state: State
    moves: Moves
    moved: int
    why: str = ""
    next: str | None = None


@dataclass(frozen=True)
class Homes:
    """`plan` is a digest of what is in the clones; it is refused once that has changed. `run` can be undone."""

    plan: str | None
    run: str | None
    agents: tuple[HomeOfAgent, ...]
    next: str | None


def _home(ctx: Context, params: HomeParams) -> Homes:
    if params.undo is not None:
        rows = tuple(_undone(ctx, params.undo))
        return Homes(None, params.undo, rows, "Before they are started again: ops agent home")
    agents = [each for each in ctx.agents(params.agents) if each.run_mode == "host" and each.client == "claude"]
    found = [look_at_old_home(ctx, agent) for agent in agents]
    names = " ".join(params.agents)
    if params.plan is None:
        plan = plan_digest(found)
        rows = tuple(_row(ctx, old.agent, "planned", old.moves) for old in found)
        return Homes(plan, None, rows, f"ops agent home {names} --plan {plan}".replace("  ", " "))
    run = new_run(ctx)
    with ctx.world.files.lock(f"homes-{ctx.key}"):
        if plan_digest(found) != params.plan:
            problem = f"the clones have changed since the plan {shown(params.plan, 20)} was made"
            raise OpsError("conflict", problem, f"Plan again: ops agent home {names}".rstrip())
        rows = tuple(_done(ctx, old, run) for old in found)
    moved = any(row.moved for row in rows)
    return Homes(params.plan, run, rows, f"To undo it: ops agent home --undo {run}" if moved else None)


def _done(ctx: Context, old: OldHome, run: str) -> HomeOfAgent:
    row = _row(ctx, old.agent, "done", ())
    try:
        moves = move_out(ctx, old, run) if old.moves else ()
        make_home(ctx, old.agent)
    except OpsError as error:
        return replace(row, state="refused", why=error.message, next=error.next)
    return _row(ctx, old.agent, "done", moves)


def _undone(ctx: Context, run: str) -> Iterator[HomeOfAgent]:
    for name, moves in move_back(ctx, run):
        yield _row(ctx, ctx.agent(name), "undone", moves)


def _row(ctx: Context, agent: Agent, state: State, moves: Moves) -> HomeOfAgent:
    return HomeOfAgent(agent.name, home_of(ctx, agent), state, moves[:_MOST], len(moves))


def _text(result: Homes) -> str:
    lines: list[str] = []
    for row in result.agents:
        what = plural(row.moved, "path") + (" back in the clone" if row.state == "undone" else "")
        lines.append(f"{row.agent}  {row.state}  {what if row.moved else 'nothing to move'}  {row.home}")
        lines += [f"    {source} -> {target}" for source, target in row.moves]
        lines += [f"    ... and {row.moved - len(row.moves)} more"] if row.moved > len(row.moves) else []
        lines += [f"    {row.why}"] if row.why else []
        lines += [f"    Next: {row.next}"] if row.next else []
    lines += [f"plan {result.plan}"] if result.plan and not result.run else []
    return "\n".join([*lines, *([f"Next: {result.next}"] if result.next else [])])


AGENT_HOME = Operation(
    name="agent_home",
    title="Agents' own folders",
    summary="Gives each Claude Code agent on this host a config folder outside of its clone, with its own config and "
    "your own rules in force, and moves there what sessions wrote into the clone. Shows the plan; with --plan, "
    "applies it; with --undo RUN, brings everything back.",
    effect=Effect.WRITE,
    params=HomeParams,
    run=_home,
    text=_text,
    ok=lambda result: all(row.state != "refused" for row in result.agents),
    positional=("agents",),
)
