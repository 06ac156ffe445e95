"""`ops fleet pull`: after a merge, fast-forwards every clean clone on main, and reports the others.

"All synced" is printed only after origin was asked again and every clone was compared with it.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from mcp_server.kernel.checked import Field
from mcp_server.kernel.document import columns
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.system.git.state import CloneState
from mcp_server.workflow.look_clones import Clone, look_at_clones
from mcp_server.workflow.look_own_clone import no_default_branch

_WORKERS = 8
Outcome = Literal["pulled", "up_to_date", "left", "failed"]


class PullParams(Params):
    tree: str = Field(default="", max_length=1000, description="The human's own clone, to be included")


@dataclass(frozen=True)
class Row:
    """`left`: not touched, because of `why`. `behind` is measured afterwards; None: unknown."""

    agent: str
    outcome: Outcome
    why: str | None
    behind: int | None


@dataclass(frozen=True)
class Pulled:
    """`synced`: every clone could be read afterwards, and none lacks a commit of origin's main."""

    clones: tuple[Row, ...]
    synced: bool
    next: str | None


def _pull(ctx: Context, params: PullParams) -> Pulled:
    agents = (*ctx.fleet.agents, *_tree(ctx, params.tree))
    with ThreadPoolExecutor(_WORKERS) as pool:
        done = list(pool.map(partial(_follow, ctx), agents))
    looks = look_at_clones(ctx.world.git, agents, ask=True)
    behind = {name: look.behind if isinstance(look, Clone) else None for name, look in looks.items()}
    rows = tuple(Row(a.name, *outcome, behind[a.name]) for a, outcome in zip(agents, done, strict=True))
    synced = all(row.behind == 0 for row in rows)
    return Pulled(rows, synced, None if synced else "ops fleet audit --fetch")


def _tree(ctx: Context, named: str) -> Sequence[Agent]:
    """The human's own clone: the named one, else the fleet's root if that is a clone."""
    folder = (ctx.world.cwd / Path(named).expanduser()) if named else ctx.fleet.root
    if not named and ctx.world.files.kind(folder / ".git") == "absent":
        return ()
    return (Agent("(tree)", "human", "host", folder),)


def _follow(ctx: Context, agent: Agent) -> tuple[Outcome, str | None]:
    """Update one clone, if it is on main, clean and without commits of its own there."""
    git, clone = ctx.world.git, agent.folder
    try:
        with ctx.world.files.lock(f"clone-{agent.name}"):
            state = git.state(clone)
            if why := _reason_to_leave(state):
                return "left", why
            if not git.fetch(clone, state.remote):
                return "failed", "origin does not answer"
            after = git.state(clone)
            if after.behind is None or after.tracked is None:
                return "failed", "how far it is behind is not known: ops fleet audit"
            if not after.behind:
                return "up_to_date", None
            git.change.merge(clone, after.tracked)
            reached = git.state(clone)
            return ("pulled", None) if reached.head == after.tracked else ("failed", "main was not fast-forwarded")
    except OpsError as error:
        return "failed", error.message


def _reason_to_leave(state: CloneState) -> str | None:
    if state.operation:
        return f"in a {state.operation}"
    if state.tracked is None and state.shared:
        return no_default_branch(state)
    if state.branch != state.default_branch:
        return f"on {state.branch or 'no branch'}"
    if state.dirty == state.protected_ahead == 0:
        return None
    changed, own = ("an unknown number of" if n is None else n for n in (state.dirty, state.protected_ahead))
    return f"{changed} changed files, {own} commits of its own on {state.default_branch}"


def _text(result: Pulled) -> str:
    lines = [("clone", "", "behind", ""), *map(_cells, result.clones)]
    count = sum(row.behind == 0 for row in result.clones)
    end = "All synced" if result.synced else f"NOT synced: {count} of {len(result.clones)} have all of origin's main"
    return "\n".join([columns(lines), "", end, *([f"Next: {result.next}"] if result.next else [])])


def _cells(row: Row) -> tuple[str, ...]:
    return row.agent, row.outcome.replace("_", " "), "?" if row.behind is None else str(row.behind), row.why or ""


FLEET_PULL = Operation(
    name="fleet_pull",
    title="Bring clones on main forward",
    summary="Fast-forwards every clean clone on main, touches no other, and reports which ones are behind.",
    effect=Effect.WRITE,
    params=PullParams,
    run=_pull,
    text=_text,
    ok=lambda result: result.synced,
    open_world=True,
)
