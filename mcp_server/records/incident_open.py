"""`incident_open`: writes an incident with its evidence, and its row in the INDEX.md beside it."""

from dataclasses import dataclass, replace
from pathlib import Path

from mcp_server.kernel.caller_text import block, line, log_tail
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.file_names import require_title
from mcp_server.kernel.index_table import literal
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.look_pages import INCIDENT_DOCS
from mcp_server.notices.notice import Subject
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.records.incident import Incident, Severity, identity, past_time, record_of
from mcp_server.records.incident_limits import LIMIT, is_news, next_allowed, same_problem
from mcp_server.records.look_evidence import Evidence, gather
from mcp_server.records.look_incidents import commit_step, pages, recent
from mcp_server.records.timeline import Entry
from mcp_server.records.write_incident import Recorded, commit_record, notify, put_row, write_entry, write_new
from mcp_server.workflow.look_own_clone import own_folder


class OpenParams(Params):
    title: str = Field(description="One line")
    severity: Severity = Field(description="sev1 is worst")
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
    """`index_row` is None if no row was added; `note` has the reason. If only the PM edits INDEX.md, it is the row to
    propose. `duplicate`: the problem has an open incident already."""

    index_row: str | None
    runbooks: tuple[Suggestion, ...] = ()
    duplicate: bool = False


def _open(ctx: Context, params: OpenParams) -> Opened:
    require_title(params.title, "the problem")
    agents = tuple(ctx.agent(name) for name in dict.fromkeys(params.agents))
    home, draft = _draft(ctx, params, agents)
    with ctx.world.files.lock("incidents"):
        known = _already_open(ctx, home, draft)
    if known:
        return commit_record(ctx, home, known, draft.title) if params.commit else known
    # Takes a second for many agents, so it is done without the lock.
    evidence = gather(ctx, agents, (draft.title, draft.summary, draft.log))
    draft = replace(draft, evidence=evidence.facts, runbooks=tuple(page.path for page in evidence.pages))
    with ctx.world.files.lock("incidents"):
        opened = _already_open(ctx, home, draft) or _write(ctx, home, draft, evidence)
    if not opened.duplicate:
        text = f"{params.summary} | {', '.join(params.agents)} | {opened.path}"
        opened = notify(ctx, opened, "opened", Subject(opened.id, draft.title, draft.severity), text)
    return commit_record(ctx, home, opened, draft.title) if params.commit else opened


def _draft(ctx: Context, params: OpenParams, agents: tuple[Agent, ...]) -> tuple[Agent, Incident]:
    now = ctx.world.clock.now()
    started = past_time(params.started, now) if params.started else None
    home, _ = own_folder(ctx, INCIDENT_DOCS)
    return home, Incident(
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


def _write(ctx: Context, home: Agent, draft: Incident, evidence: Evidence) -> Opened:
    taken = {path.stem for path in pages(ctx, home)}
    new = replace(draft, id=identity(draft.detected, draft.title, taken))
    path = write_new(ctx, home, new)
    row, note = put_row(ctx, home, new.id, new.title)
    return Opened(
        id=new.id,
        path=path,
        agent=home.name,
        status="triggered",
        index_row=row,
        runbooks=tuple(Suggestion(page.path, page.title, page.command) for page in evidence.pages),
        note=note,
        next=commit_step(home, new.id),
    )


def _already_open(ctx: Context, home: Agent, draft: Incident) -> Opened | None:
    """The answer for a problem that has an open incident; adds its row if its writer has not done so.

    None if the problem is new. Raises `denied` if the reporter has opened too many.
    """
    found = list(recent(ctx, home))
    records = [record for _, record in found]
    same = same_problem(records, draft.title, draft.agents, draft.detected)
    if same is None:
        if allowed := next_allowed(records, draft.reporter, draft.detected):
            message = f"{draft.reporter} has opened {LIMIT} incidents within the hour, which is the limit"
            step = f"Add to one of them, or open the next after {allowed:%H:%M} UTC"
            raise OpsError("denied", message, step)
        return None
    path = next(path for path, record in found if record is same)
    holder = ctx.fleet.holding(path) or home
    if holder == home:
        _add_entry(ctx, home, path, draft)
    row, why = put_row(ctx, home, path.stem, same.title) if holder == home else (None, None)
    return Opened(
        id=path.stem,
        path=path,
        agent=holder.name,
        status=same.status,
        index_row=row,
        duplicate=True,
        note=why or f"open since {same.detected:%Y-%m-%d %H:%M} UTC; nothing new was opened",
        next=f"Add what is new: ops incident update {path.stem}",
    )


def _add_entry(ctx: Context, home: Agent, path: Path, draft: Incident) -> None:
    """Add the summary of a duplicate to the timeline, unless it is there already or there are too many."""
    text = ctx.world.files.read_text(path)
    record = record_of(text)
    entry = Entry(draft.detected, draft.reporter, "", f"seen again: {literal(line(draft.summary, 1_000))}")
    if record and draft.summary not in ("", record.summary) and is_news(record.entries, entry):
        write_entry(ctx, home, path, text, entry)


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
    ok=lambda result: not result.commit_failed,
    from_file=frozenset({"log"}),
    shell_only=frozenset({"started", "commander"}),
)
