"""`incident_update`: entries appended to an incident's timeline, its status, and what a runbook did for it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import Field

from mcp_server.kernel.caller_text import line
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.front_matter import front_matter_of
from mcp_server.kernel.index_table import literal
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.merge_marks import require_merged
from mcp_server.knowledge.index_rows import day_of
from mcp_server.knowledge.look_pages import page_files
from mcp_server.notices.notice import Event
from mcp_server.notices.write_notices import About
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.records.incident import OVER, Course, Record, Severity
from mcp_server.records.incident_page import NO_RESOLUTION, NO_RUNBOOK, appended, in_its_form, updated
from mcp_server.records.look_incidents import Known, commit_step, entries, folder_of, known
from mcp_server.records.postmortem import HEADING as POSTMORTEM
from mcp_server.records.postmortem import draft
from mcp_server.records.timeline import FAILED, HELPED, Entry, Status, goes_back, utc
from mcp_server.records.write_incident import Recorded, commit_record, put_row, tell
from mcp_server.workflow.look_own_clone import own_clone, require_folder

_ID: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,150}")
_ENTRY: Final = 1_000
_WAIT: Final = 60.0


class UpdateParams(Params):
    id: str = Field(description="From incident_list")
    entry: str = Field(default="", description="Seen or done")
    status: Status | None = Field(default=None, description="New")
    severity: Severity | None = Field(default=None, description="New severity")
    runbook: str = Field(default="", description="Page followed")
    helped: bool = Field(default=False, description="It did")
    postmortem: bool = Field(default=False, description="Draft")
    commit: bool = Field(default=False, description="Commit it")


@dataclass(frozen=True)
class Offer:
    """What `runbook_add` may be called with, for an incident that no runbook covered."""

    title: str
    symptoms: tuple[str, ...]
    meaning: str
    resolution: str


@dataclass(frozen=True, kw_only=True)
class Updated(Recorded):
    """`added` are the lines as they were read back from `path`."""

    severity: str
    added: tuple[str, ...]
    postmortem: bool
    runbook_add: Offer | None


def _update(ctx: Context, params: UpdateParams) -> Updated:
    home = own_clone(ctx)
    require_folder(ctx.world.files, folder_of(home))
    page = _page(ctx, params.runbook) if params.runbook else None
    # Two processes at once take turns: each reads what the other wrote.
    with ctx.world.files.lock("incidents", _WAIT):
        incident = _known(ctx, home, params.id)
        new = _entries(ctx, home, incident, params, page)
        if not (new or params.postmortem or params.commit):
            step = "Give an entry, a new status or severity, a runbook, postmortem, or commit"
            raise OpsError("invalid", f"nothing to add to {incident.id}, which is {incident.course.status}", step)
        result = _write(ctx, home, incident, new, postmortem=params.postmortem)
    if event := _event(incident.course, result):
        text = f"{incident.course.severity} -> {result.severity}, {result.status} | {params.entry}"
        result = tell(ctx, result, event, About(incident.id, incident.record.title, result.severity), text)
    return commit_record(ctx, home, result, incident.record.title) if params.commit else result


def _event(before: Course, after: Updated) -> Event | None:
    """What people are told of; an end counts before a change of the severity."""
    if (before.status in OVER) != (after.status in OVER):
        return "resolved" if after.status in OVER else "reopened"
    return "severity" if after.severity != before.severity else None


def _known(ctx: Context, home: Agent, name: str) -> Known:
    """The incident, from the clone of `home` where it lies there: that file is not replaced by another clone's."""
    if not (_ID.fullmatch(name) and day_of(name)):
        raise _no_incident(name)
    found, own = next(iter(known(ctx, home, name)), None), folder_of(home) / f"{name}.md"
    stands = ctx.world.files.kind(own) != "absent"
    if found and (found.path == own or not stands):
        return found
    page = own if stands else next((page for page in entries(ctx, home) if page.stem == name), None)
    if page is None:
        raise _no_incident(name)
    error = front_matter_of(ctx.world.files.read_text(page)).error
    why = f"line {error[0]}: {error[1]}" if error else "its front matter says no time as `detected`"
    raise OpsError("invalid", f"{page} cannot be read as an incident: {why}", "Correct it there, then again")


def _no_incident(name: str) -> OpsError:
    return OpsError("not_found", f"no incident {shown(name)} in the clones", "Take an id from: ops incident list")


def _page(ctx: Context, name: str) -> str:
    """The path of a page by its name or path."""
    wanted = name.removesuffix(".md")
    for path in page_files(ctx):
        if wanted in (path.removesuffix(".md"), Path(path).stem):
            return path
    raise OpsError("not_found", f"no runbook {shown(name)}", "Find its name: ops index check PROBLEM")


def _entries(ctx: Context, home: Agent, incident: Known, params: UpdateParams, page: str | None) -> list[Entry]:
    before, said = incident.course, literal(line(params.entry, _ENTRY))
    new_status = params.status if params.status != before.status else None
    if new_status and goes_back(before.status, new_status) and not said:
        raise OpsError(
            "invalid",
            f"{incident.id} is {before.status}: going back to {new_status} needs a reason",
            "Say in `entry` why it is not over",
        )
    told = [(HELPED if params.helped else FAILED, literal(page))] if page else []
    if params.severity and params.severity != before.severity:
        told.append((params.severity, f"was {before.severity or 'unknown'}"))
    if new_status:
        told.append((new_status, said))
    elif said:
        told.append(("", said))
    return [Entry(ctx.world.clock.now(), ctx.caller or home.name, mark, text) for mark, text in told]


def _write(ctx: Context, home: Agent, incident: Known, entries: list[Entry], *, postmortem: bool) -> Updated:
    files, path = ctx.world.files, folder_of(home) / f"{incident.id}.md"
    own = incident.path == path
    text, after = files.read_text(incident.path), incident.course.then(entries)
    require_merged(str(incident.path), text)
    drafted = postmortem and f"\n{POSTMORTEM}" not in text
    section = draft(incident.record, after) if drafted else ""
    changed = in_its_form(text, lambda lines: _changed(lines, entries, after, section))
    files.replace(path, changed.encode(), inside=home.folder, mode=None if own else 0o644)
    note = None if own else f"copied from {incident.agent.name}, where it was opened"
    if note and (missing := put_row(ctx, home, incident.id, incident.record.title)[1]):
        note = f"{note}. {missing}"
    resolved = any(entry.mark == "resolved" for entry in entries)
    offer = _offer(incident.record, after) if resolved and not after.helped else None
    step = "No runbook covered it: add one with what `runbook_add` says, corrected" if offer else None
    stands = files.read_text(path).splitlines()
    return Updated(
        id=incident.id,
        path=path,
        agent=home.name,
        status=after.status,
        severity=after.severity,
        added=tuple(str(entry) for entry in entries if str(entry) in stands),
        postmortem=drafted,
        runbook_add=offer,
        note=note,
        next=step or commit_step(home, incident.id),
    )


def _changed(text: str, entries: list[Entry], after: Course, section: str) -> str:
    """The text with the entries, where they belong besides the timeline too, and the section at its end."""
    text = updated(text, entries, _front(after))
    for entry in entries:
        if entry.mark in (HELPED, FAILED):
            told = f"- {entry.text}: {'helped' if entry.mark == HELPED else 'did not help'}"
            text = appended(text, "## Runbooks tried", told, instead_of=NO_RUNBOOK)
        if entry.mark == "resolved" and entry.text:
            text = appended(text, "## Resolution", entry.text, instead_of=NO_RESOLUTION)
    return f"{text.rstrip()}\n\n{section}" if section else text


def _front(after: Course) -> dict[str, object]:
    times = {
        key: utc(at) if (at := after.times.get(key)) else None for key in ("acknowledged", "mitigated", "resolved")
    }
    return {"severity": after.severity, "status": after.status, **times}


def _offer(record: Record, after: Course) -> Offer:
    done = [e.text for e in after.entries if e.text and e.mark in ("", "mitigated", "resolved")]
    steps = "\n".join(f"{number}. {text}" for number, text in enumerate(done[-10:], 1))
    return Offer(record.title, (record.title,), record.summary[:2_000], steps)


def _text(result: Updated) -> str:
    lines = [f"{result.id} is {result.status} ({result.severity}), in {result.agent}: {result.path}", *result.added]
    lines += ["A postmortem draft stands at its end: fill in the brackets."] if result.postmortem else []
    if offer := result.runbook_add:
        lines += [f"runbook_add: title {offer.title!r}; steps:", offer.resolution or "(none told)"]
    return "\n".join([*lines, *result.last_lines])


INCIDENT_UPDATE = Operation(
    name="incident_update",
    title="Update incident",
    summary="Adds to its timeline.",
    effect=Effect.WRITE,
    params=UpdateParams,
    run=_update,
    text=_text,
    ok=lambda _: True,
    positional=("id",),
    shell_only=frozenset({"severity"}),
    idempotent=False,
)
