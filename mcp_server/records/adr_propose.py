"""`adr_propose`: writes a decision record with a number that no other clone uses."""

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from mcp_server.kernel.caller_text import block, line
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.file_names import require_title
from mcp_server.kernel.humanize import agent_names
from mcp_server.kernel.index_table import literal
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.index_rows import mark_of
from mcp_server.knowledge.look_pages import INCIDENT_DOCS
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.records.decision_name import form_of, next_number, parts_of
from mcp_server.records.decision_page import NewDecision
from mcp_server.records.look_decisions import folder_of, names_given
from mcp_server.records.write_decision import write_decision
from mcp_server.workflow.look_own_clone import own_clone, require_folder

_LOCK_SECONDS = 300.0
"25 agents that propose at the same time take turns, and each one asks git in every clone."


class ProposeParams(Params):
    title: str = Field(description="The decision in one line")
    context: str = Field(default="", description="What forces it")
    decision: str = Field(default="", description="What is proposed")
    consequences: str = Field(default="", description="Good and bad")
    links: list[str] = Field(default=[], description="Incident ids, paths of docs")


@dataclass(frozen=True)
class Proposed:
    """`path` is in the clone of `agent`. `note`: why the number may not be unique, or a row is missing."""

    number: str
    path: Path
    agent: str
    index_row: str | None
    note: str | None
    next: str


def _propose(ctx: Context, params: ProposeParams) -> Proposed:
    require_title(params.title, "the decision")
    home = own_clone(ctx)
    below = folder_of(ctx.world.files, home.folder)
    folder = home.folder / below
    require_folder(ctx.world.files, folder)
    draft = NewDecision(
        name="",
        number=None,
        title=literal(line(params.title)),
        day=ctx.world.clock.now().date(),
        author=ctx.caller or home.name,
        context=block(params.context),
        decision=block(params.decision),
        consequences=block(params.consequences),
        links=tuple(_link(ctx, home, below, target) for target in params.links),
    )
    with ctx.world.files.lock("adr", _LOCK_SECONDS):
        fetched = ctx.world.git.fetch(home.folder)
        names, unknown = names_given(ctx, below)
        here = ctx.world.files.names(folder)
        form = form_of([name for name in here if parts_of(name)] or names)
        number = None if form.day else next_number(names)
        new = replace(draft, number=number, name=form.following(number or 0, draft.title, draft.day))
        _require_new(folder, here, new)
        path, row, note = write_decision(ctx, home, below, new)
    doubts = [] if fetched else ["origin could not be asked: somebody elsewhere may have taken the number"]
    doubts += [f"the branches of {agent_names(unknown)} could not be looked at"] if unknown else []
    notes = ". ".join([*doubts, *([note] if note else [])]) or None
    step = f"Read {path}, fill in what is open, and commit it on your branch"
    return Proposed(mark_of(new.name), path, home.name, row, notes, step)


def _require_new(folder: Path, names: Iterable[str], new: NewDecision) -> None:
    if twin := next((name for name in names if _words(name) == _words(new.name)), None):
        raise OpsError(
            "conflict", f"{folder / twin} has this title already", "Change that record, or use another title"
        )


def _words(name: str) -> str:
    parts = parts_of(name)
    return parts.words.replace("_", "-").casefold() if parts else ""


def _link(ctx: Context, home: Agent, below: str, target: str) -> str:
    for path in (f"{INCIDENT_DOCS}/{target}.md", target.lstrip("/")):
        file = home.folder / path
        if ".." not in Path(path).parts and ctx.world.files.kind(file) == "file":
            return f"[{literal(Path(path).name)}]({posixpath.relpath(path, below)})"
    raise OpsError("not_found", f"no incident or file {shown(target)} in {home.folder}", "Name a file of the clone")


def _text(result: Proposed) -> str:
    lines = [f"Proposed {result.number}, in {result.agent}: {result.path}"]
    lines += [f"INDEX row: {result.index_row}"] if result.index_row else []
    return "\n".join([*lines, *([result.note] if result.note else []), f"Next: {result.next}"])


ADR_PROPOSE = Operation(
    name="adr_propose",
    title="Propose a decision",
    summary="Writes a decision record with the fleet's next free number.",
    effect=Effect.WRITE,
    params=ProposeParams,
    run=_propose,
    text=_text,
    open_world=True,
)
