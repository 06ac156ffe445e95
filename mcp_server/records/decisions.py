"""`adr_propose`: a decision record with a number that no other clone has; `ops adr status`: what their states say."""

import posixpath
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import Field

from mcp_server.kernel.caller_text import block, line
from mcp_server.kernel.document import columns
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.file_names import title_fault
from mcp_server.kernel.finding import Finding
from mcp_server.kernel.humanize import agent_names
from mcp_server.kernel.index_table import literal
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.index_rows import record_cells, record_columns
from mcp_server.knowledge.look_indexes import IndexedFolder
from mcp_server.knowledge.look_pages import docs_clone
from mcp_server.knowledge.write_rows import add_row, let_merge
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.records.decision import FOLDER, MADR, Proposal, faults, next_number, render, template_in
from mcp_server.records.incident import FOLDER as INCIDENTS
from mcp_server.records.look_decisions import names_given, records
from mcp_server.workflow.look_own_clone import own_clone, require_folder

_WAIT = 300.0
"Seconds: 25 agents that propose at once take turns, and each asks git in every clone."


class ProposeParams(Params):
    title: str = Field(description="The decision in one line")
    context: str = Field(default="", description="What forces it")
    decision: str = Field(default="", description="What is proposed")
    consequences: str = Field(default="", description="Good and bad")
    links: list[str] = Field(default=[], description="Incident ids, paths of docs")


@dataclass(frozen=True)
class Proposed:
    """`path` lies in the clone of `agent`. `note`: why the number may not be the only one, or a row is missing."""

    number: str
    path: Path
    agent: str
    index_row: str | None
    note: str | None
    next: str


def _propose(ctx: Context, params: ProposeParams) -> Proposed:
    if fault := title_fault(params.title):
        raise OpsError("invalid", fault, "Give the decision in one line of plain words")
    home = own_clone(ctx)
    files, folder = ctx.world.files, home.folder / FOLDER
    require_folder(files, folder)
    draft = Proposal(
        number="",
        title=literal(line(params.title)),
        day=ctx.world.clock.now().date(),
        who=ctx.caller or home.name,
        context=block(params.context),
        decision=block(params.decision),
        consequences=block(params.consequences),
        links=tuple(_link(ctx, home, target) for target in params.links),
    )
    readme = files.read_text(folder / "README.md") if files.kind(folder / "README.md") == "file" else ""
    with files.lock("adr", _WAIT):
        asked = ctx.world.git.fetch(home.folder)
        names, unknown = names_given(ctx)
        new = replace(draft, number=next_number(names))
        _require_new(folder, files.names(folder), new)
        files.replace(
            folder / new.name, render(template_in(readme) or MADR, new).encode(), inside=home.folder, mode=0o644
        )
        row, note = _row(ctx, home, new)
    doubts = [] if asked else ["origin could not be asked: somebody elsewhere may have taken the number"]
    doubts += [f"the branches of {agent_names(unknown)} could not be looked at"] if unknown else []
    notes = [*doubts, *([note] if note else [])]
    step = f"Read {folder / new.name}, fill in what is open, and commit it on your branch"
    return Proposed(new.number, folder / new.name, home.name, row, ". ".join(notes) or None, step)


def _require_new(folder: Path, names: tuple[str, ...], new: Proposal) -> None:
    ending = new.name.partition("-")[2]
    if twin := next((name for name in names if name.partition("-")[2] == ending), None):
        raise OpsError("conflict", f"{folder / twin} has this title already", "Change that record, or title it apart")


def _link(ctx: Context, home: Agent, target: str) -> str:
    for path in ("/".join((*INCIDENTS, f"{target}.md")), target.lstrip("/")):
        there = home.folder / path
        if ".." not in Path(path).parts and ctx.world.files.kind(there) == "file":
            return f"[{literal(Path(path).name)}]({posixpath.relpath(path, FOLDER)})"
    raise OpsError(
        "not_found", f"no incident or file {shown(target)} in {home.folder}", "Name a path in the repository"
    )


def _row(ctx: Context, home: Agent, new: Proposal) -> tuple[str | None, str | None]:
    files = ctx.world.files
    index = IndexedFolder(files, home.folder, FOLDER, ())
    if files.kind(index.file) == "absent":
        return None, None
    wanted = record_columns(files.read_text(index.file))
    if wanted is None:
        return None, f"{index.path} has no table of records: no row was added"
    cells = record_cells(new.name, new.title, new.day, wanted[0])
    row = add_row(ctx, home, replace(index, columns=wanted), new.name, cells)
    let_merge(ctx, index, "INDEX.md")
    return row


def _proposed_text(result: Proposed) -> str:
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
    text=_proposed_text,
    ok=lambda _: True,
    open_world=True,
)


class StatusParams(Params):
    pass


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    status: str


@dataclass(frozen=True)
class AdrStatus:
    clone: Path
    records: tuple[Row, ...]
    findings: tuple[Finding, ...]


def _status(ctx: Context, _: StatusParams) -> AdrStatus:
    clone = docs_clone(ctx)
    if clone is None:
        raise OpsError(
            "not_found", "no clone with docs to look at", "Name the folder that holds the agents: --fleet DIR"
        )
    found = records(ctx.world.files, clone)
    return AdrStatus(clone, tuple(Row(r.name, r.title, r.status) for r in found), faults(found))


def _status_text(result: AdrStatus) -> str:
    rows = [(row.name.partition("-")[0], row.status, row.title) for row in result.records]
    told = [f"{f.severity}  {f.code}  {f.message}\n  Next: {f.next}" for f in result.findings]
    return "\n".join([*([columns(rows)] if rows else ["No decision records."]), *told])


ADR_STATUS = Operation(
    name="adr_status",
    title="Decision records",
    summary="The decision records with their states; numbers used twice and chains of which only one end knows.",
    effect=Effect.READ,
    params=StatusParams,
    run=_status,
    text=_status_text,
    ok=lambda result: not result.findings,
)
