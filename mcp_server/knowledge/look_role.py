"""The caller's identity by name and folder, and the documents that an OPS worker reads first."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from mcp_server.clients.claude import PROJECT_DIR
from mcp_server.fleet.role import Criterion, Met, criteria, documents, is_ops, mark_missing
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.look_pages import docs_clone
from mcp_server.operation.context import Context

ROLE_TEXT = "hooks/ops-role.md"


@dataclass(frozen=True)
class Reading:
    """What to read first in `clone`; None: no clone has these docs, and all are missing."""

    clone: Path | None
    present: tuple[str, ...]
    missing: tuple[str, ...]
    text: str
    "The context of an OPS agent's session."


def who(ctx: Context) -> tuple[str | None, Agent | None]:
    """The caller's name and, if the fleet has it, its agent."""
    try:
        fleet = ctx.fleet
    except OpsError:
        return ctx.caller, None
    here = ctx.world.files.real(ctx.world.cwd / ctx.world.environment.get(PROJECT_DIR, "."))
    agent = fleet.agent(ctx.caller) if ctx.caller else ctx.holding(here)
    return ctx.caller or (agent.name if agent else None), agent


def standing(ctx: Context) -> tuple[str | None, tuple[Criterion, ...], Met]:
    """The caller's name, the criteria, and whether it is the OPS worker by them."""
    name, agent = who(ctx)
    found = criteria(name, agent)
    return name, found, is_ops(found)


def reading(ctx: Context) -> Reading:
    files, text = ctx.world.files, ctx.world.files.read_text(ctx.world.pack / ROLE_TEXT)
    _, agent = who(ctx)
    clone = agent.folder if agent else docs_clone(ctx)
    names = documents(text)
    missing = tuple(n for n in names if clone is None or files.kind(clone / n) != "file")
    return Reading(clone, tuple(n for n in names if n not in missing), missing, mark_missing(text, missing))


def next_step(docs: Reading, names: Collection[str]) -> str:
    """The first thing to do for a caller that is, or may be, the OPS worker."""
    if docs.clone is None or not names:
        return "Find the clone that has docs/support/ops: ops fleet audit"
    return f"Read {quote(str(docs.clone / next(iter(names))))}"
