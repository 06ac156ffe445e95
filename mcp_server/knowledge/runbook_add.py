"""`runbook_add`: the page of a new problem in the caller's clone, and its row in the ops index."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from mcp_server.kernel.caller_text import line, shell_text
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.file_names import free_name, require_title, slug
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.known_commands import KnownCommands
from mcp_server.kernel.markdown.page import read_page
from mcp_server.kernel.markdown.steps import Step
from mcp_server.knowledge.index_rows import cells, with_rows
from mcp_server.knowledge.look_indexes import IndexedFolder, written_indexes
from mcp_server.knowledge.look_pages import page_index
from mcp_server.knowledge.look_rendered import known_commands
from mcp_server.knowledge.page_policy import require_fit
from mcp_server.knowledge.runbook import MANUAL, Front, parse
from mcp_server.knowledge.runbook_page import RunbookBody, render
from mcp_server.knowledge.steps_from_text import parse_steps
from mcp_server.knowledge.write_rows import add_row, allow_union_merge
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.search import Hit
from mcp_server.workflow.look_own_clone import own_clone, require_folder

_LONG = 8_000
_MOST_SYMPTOMS = 20


class AddParams(Params):
    title: str = Field(description="One line")
    symptoms: list[str] = Field(description="Verbatim errors")
    resolution: str = Field(max_length=_LONG, description="Steps")
    meaning: str = Field(default="", max_length=_LONG, description="Cause")
    diagnosis: str = Field(default="", max_length=_LONG, description="Read-only steps")
    verification: str = Field(default="", max_length=_LONG, description="Steps")
    rollback: str = Field(default="", max_length=_LONG, description="Steps that undo the resolution")
    escalation: str = Field(default="", max_length=_LONG, description="When it does not help")
    severity: Literal["sev1", "sev2", "sev3", "sev4"] = Field(default="sev3", description="sev1 is worst")
    although_known: bool = Field(default=False, description="Add anyway")


@dataclass(frozen=True)
class Added:
    """`duplicate`: existing pages answer the problem, and nothing was written. `agent` is the owner of the clone."""

    duplicate: bool
    name: str | None
    path: Path | None
    agent: str
    index_row: str | None
    looks_like: tuple[Hit, ...]
    next: str


def _add(ctx: Context, params: AddParams) -> Added:
    require_title(params.title, "the problem")
    home = own_clone(ctx)
    index, _ = written_indexes(ctx.world.files, home.folder)
    require_folder(ctx.world.files, index.folder)
    body = _body(params)
    require_fit(body)
    front = _front(ctx, home, params, body)
    with ctx.world.files.lock(index.lock):
        known = () if params.although_known else _similar(ctx, (front.title, *front.symptoms))
        if known:
            step = f"Read {known[0].path}; if it is another problem, add it with although_known"
            return Added(True, None, None, home.name, None, known, step)
        return _write(ctx, home, index, front, body)


def _body(params: AddParams) -> RunbookBody:
    return RunbookBody(
        meaning=params.meaning,
        diagnosis=parse_steps(shell_text(params.diagnosis), "read-only"),
        resolution=parse_steps(shell_text(params.resolution), "changing"),
        verification=parse_steps(shell_text(params.verification), "read-only"),
        rollback=parse_steps(shell_text(params.rollback), "changing"),
        escalation=params.escalation,
    )


def _front(ctx: Context, home: Agent, params: AddParams, body: RunbookBody) -> Front:
    """The front matter without the page's name, which is chosen when the page is written."""
    symptoms = tuple(dict.fromkeys(met for symptom in params.symptoms if (met := line(symptom))))
    if not 0 < len(symptoms) <= _MOST_SYMPTOMS:
        message = f"the page has {len(symptoms)} symptoms, 1 to {_MOST_SYMPTOMS} are taken"
        raise OpsError("invalid", message, "Give the error lines as they are met, one string each")
    known, steps = known_commands(ctx), "\n".join(map(_words, body.steps))
    return Front(
        name="",
        title=line(params.title),
        symptoms=symptoms,
        severity=params.severity,
        tools=known.tools_in(steps),
        command=known.slash_in("\n".join(map(_words, body.resolution))) or MANUAL,
        owner=home.role,
        reviewed=ctx.world.clock.now().date(),
        applies_to=(line(ctx.fleet.root.name) or "this fleet",),
    )


def _words(step: Step) -> str:
    return f"{step.text}\n{step.command or ''}"


def _similar(ctx: Context, phrases: tuple[str, ...]) -> tuple[Hit, ...]:
    """The best page for the title and each symptom."""
    index = page_index(ctx).index
    hits: dict[str, Hit] = {}
    for hit in (hit for words in phrases for hit in index.documented(words, 1)):
        hits.setdefault(hit.path, hit)
    return tuple(sorted(hits.values(), key=lambda hit: -hit.score)[:3])


def _write(ctx: Context, home: Agent, index: IndexedFolder, draft: Front, body: RunbookBody) -> Added:
    """Write the page, then its row. An index that cannot take a row is refused before anything is written."""
    taken = [name.removesuffix(".md") for name in index.files.names(index.folder)]
    front = replace(draft, name=free_name(slug(draft.title, "runbook"), taken))
    path, text = index.folder / f"{front.name}.md", render(front, body)
    _require_form(f"{index.below}/{path.name}", text)
    _require_names(known_commands(ctx), front, text)
    row = cells(path.name, front.title, front.command)
    with_rows(index.path, index.files.read(index.file), index.columns, [row])
    index.files.replace(path, text.encode(), inside=index.clone, mode=0o644)
    written, note = add_row(ctx, home, index, path.name, row)
    allow_union_merge(ctx, index, "INDEX.md")
    step = note or f"Read {path}, then commit it together with {index.path}"
    return Added(False, front.name, path, home.name, written, (), step)


def _require_names(known: KnownCommands, front: Front, text: str) -> None:
    """Refuse names of tools and commands that do not exist, except in the symptoms, which are quotations."""
    met = " ".join((front.title, *front.symptoms))
    for _, name in known.unknown_in(read_page(text)):
        if name.removeprefix("the tool ") not in met:
            raise OpsError("invalid", f"the page names {name}, which does not exist", "Name what ops --help lists")


def _require_form(path: str, text: str) -> None:
    try:
        parse(path, text)
    except OpsError as error:
        step = "Write each step as a numbered sentence, then a ``` block with its command and a line `Expected: ...`"
        raise OpsError("invalid", f"the page would not be in the form: {error.message}", step) from None


def _text(added: Added) -> str:
    if added.duplicate:
        likes = [f"looks like {page.title!r} ({page.path})" for page in added.looks_like]
        return "\n".join(["Nothing was written: the problem is documented already.", *likes, f"Next: {added.next}"])
    row = f"INDEX row: {added.index_row}" if added.index_row else "No row was added to INDEX.md."
    return "\n".join([f"Wrote {added.path}, in {added.agent}", row, f"Next: {added.next}"])


RUNBOOK_ADD = Operation(
    name="runbook_add",
    title="Add a runbook",
    summary="Writes a runbook and its INDEX row.",
    effect=Effect.WRITE,
    params=AddParams,
    run=_add,
    text=_text,
    ok=lambda added: not added.duplicate,
    shell_only=frozenset({"rollback", "escalation", "severity"}),
    repeated=frozenset({"symptoms"}),
)
