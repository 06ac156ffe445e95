"""`incident_update`: appends to an incident's timeline, and changes its status or severity."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mcp_server.kernel.caller_text import line
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.index_table import literal
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.markdown.page import read_page
from mcp_server.knowledge.index_rows import day_of
from mcp_server.knowledge.look_pages import INCIDENT_DOCS, page_files
from mcp_server.notices.notice import Event, Subject
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.records.incident import OVER, Severity
from mcp_server.records.incident_change import Change, RunbookDraft, entries_of, runbook_draft
from mcp_server.records.incident_history import History
from mcp_server.records.look_incidents import KnownIncident, commit_step, folder_of, known_incidents, pages
from mcp_server.records.timeline import Entry, Status
from mcp_server.records.write_incident import Recorded, commit_record, notify, put_row, write_change
from mcp_server.workflow.look_own_clone import own_folder

_ID: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,150}")
_LONGEST_ENTRY: Final = 1_000
_LOCK_SECONDS: Final = 60.0


class UpdateParams(Params):
    id: str = Field(description="From incident_list")
    entry: str = Field(default="", description="Seen or done")
    status: Status | None = Field(default=None, description="New")
    severity: Severity | None = Field(default=None, description="New severity")
    runbook: str = Field(default="", description="Page followed")
    helped: bool = Field(default=False, description="It did")
    postmortem: bool = Field(default=False, description="Draft")
    commit: bool = Field(default=False, description="Commit it")


@dataclass(frozen=True, kw_only=True)
class Updated(Recorded):
    """`added` are the new lines, as read back from `path`."""

    severity: str
    added: tuple[str, ...]
    postmortem: bool
    runbook_add: RunbookDraft | None


def _update(ctx: Context, params: UpdateParams) -> Updated:
    home, _ = own_folder(ctx, INCIDENT_DOCS)
    page = _page(ctx, params.runbook) if params.runbook else None
    # Concurrent updates take turns: each one reads what the one before has written.
    with ctx.world.files.lock("incidents", _LOCK_SECONDS):
        incident = _find(ctx, home, params.id)
        new = entries_of(_change(ctx, home, params, page), incident.history, incident.id)
        if not (new or params.postmortem or params.commit):
            step = "Give an entry, a new status or severity, a runbook, postmortem, or commit"
            raise OpsError("invalid", f"nothing to add to {incident.id}, which is {incident.history.status}", step)
        result = _write(ctx, home, incident, new, postmortem=params.postmortem)
    if event := _event(incident.history, result):
        text = f"{incident.history.severity} -> {result.severity}, {result.status} | {params.entry}"
        result = notify(ctx, result, event, Subject(incident.id, incident.record.title, result.severity), text)
    return commit_record(ctx, home, result, incident.record.title) if params.commit else result


def _event(before: History, after: Updated) -> Event | None:
    """What people are notified of; an end or a reopening takes precedence over a change of the severity."""
    if (before.status in OVER) != (after.status in OVER):
        return "resolved" if after.status in OVER else "reopened"
    return "severity" if after.severity != before.severity else None


def _find(ctx: Context, home: Agent, name: str) -> KnownIncident:
    """The incident, from the clone of `home` if it is there: another clone's version never replaces that file."""
    if not (_ID.fullmatch(name) and day_of(name)):
        raise _not_found(name)
    found, own = next(iter(known_incidents(ctx, home, name)), None), folder_of(home) / f"{name}.md"
    exists = ctx.world.files.kind(own) != "absent"
    if found and (found.path == own or not exists):
        return found
    page = own if exists else next((page for page in pages(ctx, home) if page.stem == name), None)
    if page is None:
        raise _not_found(name)
    error = read_page(ctx.world.files.read_text(page)).front.error
    why = f"line {error[0]}: {error[1]}" if error else "its front matter has no time as `detected`"
    raise OpsError("invalid", f"{page} cannot be read as an incident: {why}", "Correct it there, then try again")


def _not_found(name: str) -> OpsError:
    return OpsError("not_found", f"no incident {shown(name)} in the clones", "Take an id from: ops incident list")


def _page(ctx: Context, name: str) -> str:
    """The path of a runbook, found by its name or path."""
    wanted = name.removesuffix(".md")
    for path in page_files(ctx):
        if wanted in (path.removesuffix(".md"), Path(path).stem):
            return path
    raise OpsError("not_found", f"no runbook {shown(name)}", "Find its name: ops index check PROBLEM")


def _change(ctx: Context, home: Agent, params: UpdateParams, page: str | None) -> Change:
    return Change(
        at=ctx.world.clock.now(),
        author=ctx.caller or home.name,
        text=literal(line(params.entry, _LONGEST_ENTRY)),
        status=params.status,
        severity=params.severity,
        runbook=literal(page) if page else None,
        helped=params.helped,
    )


def _write(ctx: Context, home: Agent, incident: KnownIncident, new: list[Entry], *, postmortem: bool) -> Updated:
    after = incident.history.with_entries(new)
    path, drafted = write_change(ctx, home, incident, new, postmortem=postmortem)
    note = None
    if incident.path != path:
        note = f"copied from {incident.agent.name}, where it was opened"
        if missing := put_row(ctx, home, incident.id, incident.record.title)[1]:
            note = f"{note}. {missing}"
    missing_runbook = runbook_draft(incident.record, new, after)
    step = "No runbook covered it: correct `runbook_add`, and add it" if missing_runbook else None
    lines = ctx.world.files.read_text(path).splitlines()
    return Updated(
        id=incident.id,
        path=path,
        agent=home.name,
        status=after.status,
        severity=after.severity,
        added=tuple(str(entry) for entry in new if str(entry) in lines),
        postmortem=drafted,
        runbook_add=missing_runbook,
        note=note,
        next=step or commit_step(home, incident.id),
    )


def _text(result: Updated) -> str:
    lines = [f"{result.id} is {result.status} ({result.severity}), in {result.agent}: {result.path}", *result.added]
    lines += ["A draft of the postmortem is at its end: fill in the brackets."] if result.postmortem else []
    if draft := result.runbook_add:
        lines += [f"runbook_add: title {draft.title!r}; steps:", draft.resolution or "(none recorded)"]
    return "\n".join([*lines, *result.last_lines])


INCIDENT_UPDATE = Operation(
    name="incident_update",
    title="Update incident",
    summary="Adds to its timeline.",
    effect=Effect.WRITE,
    params=UpdateParams,
    run=_update,
    text=_text,
    ok=lambda result: not result.commit_failed,
    positional=("id",),
    shell_only=frozenset({"severity"}),
    idempotent=False,
)
