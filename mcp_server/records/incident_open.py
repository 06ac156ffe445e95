"""`incident_open`: an incident's file with its evidence, and its row in the INDEX.md beside it."""

from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import Field

from mcp_server.kernel.caller_text import block, line, log_tail
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.file_names import title_fault
from mcp_server.kernel.index_table import literal
from mcp_server.kernel.inventory import Agent
from mcp_server.notices.write_notices import About
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.records import incident as rules
from mcp_server.records.incident import Incident, Record
from mcp_server.records.incident_page import in_its_form, render, updated
from mcp_server.records.look_evidence import Evidence, gather
from mcp_server.records.look_incidents import commit_step, entries, folder_of, recent
from mcp_server.records.timeline import Entry
from mcp_server.records.write_incident import Recorded, commit_record, put_row, tell
from mcp_server.workflow.look_own_clone import own_clone, require_folder


class OpenParams(Params):
    title: str = Field(description="One line")
    severity: rules.Severity = Field(description="sev1 is worst")
    summary: str = Field(description="Symptoms")
    agents: list[str] = Field(default=[], description="Agents concerned")
    log: str = Field(default="", max_length=1_000_000, description="Lines")
    started: str = Field(default="", description="When it began, in UTC: 2026-11-01T09:30")
    commander: str = Field(default="", max_length=100, description="Who leads")
    commit: bool = Field(default=False, description="Commit it")


@dataclass(frozen=True)
class Suggestion:
    path: str
    title: str
    command: str | None


@dataclass(frozen=True, kw_only=True)
class Opened(Recorded):
    """`index_row` None: no INDEX.md took a row, and `note` says why. Where the PM alone edits INDEX.md, it is the row
    to propose. `duplicate`: the problem was open already."""

    index_row: str | None
    runbooks: tuple[Suggestion, ...] = ()
    duplicate: bool = False


def _open(ctx: Context, params: OpenParams) -> Opened:
    if fault := title_fault(params.title):
        raise OpsError("invalid", fault, "Give the problem in one line of plain words")
    agents = tuple(ctx.agent(name) for name in dict.fromkeys(params.agents))
    now = ctx.world.clock.now()
    started = rules.moment(params.started, now) if params.started else None
    home = own_clone(ctx)
    require_folder(ctx.world.files, folder_of(home))
    draft = Incident(
        id="",
        title=line(params.title),
        severity=params.severity,
        summary=block(params.summary),
        agents=tuple(agent.name for agent in agents),
        reporter=ctx.caller or home.name,
        detected=now,
        log=log_tail(params.log),
        started=started,
        commander=line(params.commander, 100),
    )
    with ctx.world.files.lock("incidents"):
        known = _already_open(ctx, home, draft)
    if known:
        return commit_record(ctx, home, known, draft.title) if params.commit else known
    # Takes a second for many agents, so it is done without the lock.
    seen = gather(ctx, agents, (draft.title, draft.summary, draft.log))
    draft = replace(draft, evidence=seen.facts, runbooks=tuple(page.path for page in seen.pages))
    with ctx.world.files.lock("incidents"):
        opened = _already_open(ctx, home, draft) or _write(ctx, home, draft, seen)
    if not opened.duplicate:
        text = f"{params.summary} | {', '.join(params.agents)} | {opened.path}"
        opened = tell(ctx, opened, "opened", About(opened.id, draft.title, draft.severity), text)
    return commit_record(ctx, home, opened, draft.title) if params.commit else opened


def _write(ctx: Context, home: Agent, draft: Incident, seen: Evidence) -> Opened:
    taken = {path.stem for path in entries(ctx, home)}
    new = replace(draft, id=rules.identity(draft.detected, draft.title, taken))
    path = folder_of(home) / f"{new.id}.md"
    ctx.world.files.replace(path, render(new).encode(), inside=home.folder, mode=0o644)
    row, note = put_row(ctx, home, new.id, new.title)
    pages = tuple(Suggestion(page.path, page.title, page.command) for page in seen.pages)
    step = commit_step(home, new.id)
    return Opened(
        id=new.id,
        path=path,
        agent=home.name,
        status="triggered",
        index_row=row,
        runbooks=pages,
        note=note,
        next=step,
    )


def _already_open(ctx: Context, home: Agent, draft: Incident) -> Opened | None:
    """The answer that this problem has an incident; a row that its writer did not come to write is added.

    None when there is none and the reporter may open one; `denied` beyond the limit.
    """
    found = list(recent(ctx, home))
    records = [record for _, record in found]
    same = rules.same_problem(records, draft.title, draft.agents, draft.detected)
    if same is None:
        _require_share_left(records, draft)
        return None
    path = next(path for path, record in found if record is same)
    holder = ctx.fleet.holding(path) or home
    if holder == home:
        _seen_again(ctx, home, path, draft)
    row, why = put_row(ctx, home, path.stem, same.title) if holder == home else (None, None)
    note = why or f"open since {same.detected:%Y-%m-%d %H:%M} UTC; nothing new was opened"
    return Opened(
        id=path.stem,
        path=path,
        agent=holder.name,
        status=same.status,
        index_row=row,
        duplicate=True,
        note=note,
        next=f"Add what is new: ops incident update {path.stem}",
    )


def _seen_again(ctx: Context, home: Agent, path: Path, draft: Incident) -> None:
    """What is new about an open problem becomes an entry; the same words do so once, others a few times an hour."""
    text = ctx.world.files.read_text(path)
    record = rules.record_of(text)
    entry = Entry(draft.detected, draft.reporter, "", f"seen again: {literal(line(draft.summary, 1_000))}")
    if record is None or draft.summary in ("", record.summary) or not rules.adds(record.entries, entry):
        return
    changed = in_its_form(text, lambda lines: updated(lines, [entry], {}))
    ctx.world.files.replace(path, changed.encode(), inside=home.folder)


def _require_share_left(records: list[Record], draft: Incident) -> None:
    allowed = rules.next_allowed(records, draft.reporter, draft.detected)
    if allowed is not None:
        raise OpsError(
            "denied",
            f"{draft.reporter} has opened {rules.LIMIT} incidents within the hour, which is the limit",
            f"Add to one of them, or open the next after {allowed:%H:%M} UTC",
        )


def _text(opened: Opened) -> str:
    head = f"{opened.id} is open already" if opened.duplicate else f"Opened {opened.id}"
    lines = [f"{head} ({opened.status}), in {opened.agent}: {opened.path}"]
    lines += [f"INDEX row: {opened.index_row}"] if opened.index_row else []
    lines += [f"Runbook: {page.title} ({page.command or page.path})" for page in opened.runbooks]
    return "\n".join([*lines, *opened.last_lines])


INCIDENT_OPEN = Operation(
    name="incident_open",
    title="Open incident",
    summary="Writes it with its INDEX row, or names the open one.",
    effect=Effect.WRITE,
    params=OpenParams,
    run=_open,
    text=_text,
    ok=lambda _: True,
    from_file=frozenset({"log"}),
    shell_only=frozenset({"started", "commander"}),
)
