"""Writes incidents: the page, its INDEX row, the notification, and the commit."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from mcp_server.kernel.caller_text import line
from mcp_server.kernel.commit_message import message_of
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.merge_marks import require_merged
from mcp_server.knowledge.index_rows import cells
from mcp_server.knowledge.look_indexes import IndexedFolder, incident_index
from mcp_server.knowledge.write_rows import add_row, allow_union_merge, merge_part, row_part, standing
from mcp_server.notices.delivery import summary
from mcp_server.notices.notice import Event, Subject
from mcp_server.notices.write_notices import new_notice, send
from mcp_server.operation.context import Context
from mcp_server.records.incident import Incident
from mcp_server.records.incident_change import changed_page
from mcp_server.records.incident_page import keeping_line_endings, render, with_entries
from mcp_server.records.look_incidents import KnownIncident, folder_of
from mcp_server.records.postmortem import HEADING as POSTMORTEM
from mcp_server.records.postmortem import draft
from mcp_server.records.timeline import Entry
from mcp_server.system.git.write_commit import Part

R = TypeVar("R", bound="Recorded")
_PAGES = "*.md"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """An incident as a call leaves it: `path` is its file, in the clone of `agent`."""

    id: str
    path: Path
    agent: str
    status: str
    note: str | None
    "What did not work, or differs from what a caller would expect."
    next: str
    notified: str | None = None
    "Who was notified, or why nobody was and how to do it; None if nobody is to be notified."
    commit: str | None = None
    "The commit that contains it, if one was requested and made."
    commit_failed: bool = False
    "Whether a commit was requested and not made; `note` has the reason."

    @property
    def last_lines(self) -> list[str]:
        """The end of the text for a person."""
        committed = f"Committed: {self.commit}" if self.commit else None
        return [*filter(None, (committed, self.note, self.notified)), f"Next: {self.next}"]


def write_new(ctx: Context, home: Agent, incident: Incident) -> Path:
    """Write the page of a new incident in the clone of `home`."""
    path = folder_of(home) / f"{incident.id}.md"
    ctx.world.files.replace(path, render(incident).encode(), inside=home.folder, mode=0o644)
    return path


def write_entry(ctx: Context, home: Agent, path: Path, text: str, entry: Entry) -> None:
    """Append one entry to the timeline of the page at `path`, which contains `text`."""
    changed = keeping_line_endings(text, lambda lines: with_entries(lines, [entry], {}))
    ctx.world.files.replace(path, changed.encode(), inside=home.folder)


def write_change(
    ctx: Context, home: Agent, incident: KnownIncident, entries: Sequence[Entry], *, postmortem: bool
) -> tuple[Path, bool]:
    """Write the entries, and with `postmortem` a draft of it unless the page has one, in the clone of `home`.

    Returns the path, and whether the draft was added. A page from another clone is copied.
    """
    files, path = ctx.world.files, folder_of(home) / f"{incident.id}.md"
    text, after = files.read_text(incident.path), incident.history.with_entries(entries)
    require_merged(str(incident.path), text)
    drafted = postmortem and f"\n{POSTMORTEM}" not in text
    section = draft(incident.record, after) if drafted else ""
    changed = keeping_line_endings(text, lambda lines: changed_page(lines, entries, after, section))
    files.replace(path, changed.encode(), inside=home.folder, mode=None if incident.path == path else 0o644)
    return path, drafted


def put_row(ctx: Context, home: Agent, incident: str, title: str) -> tuple[str | None, str | None]:
    """The incident's row in INDEX.md, and a note if it is not there; see `write_rows.add_row`."""
    index, name = incident_index(ctx.world.files, home.folder), f"{incident}.md"
    row = add_row(ctx, home, index, name, cells(name, title))
    allow_union_merge(ctx, index, _PAGES)
    return row


def notify(ctx: Context, answer: R, event: Event, about: Subject, text: str) -> R:
    """Notify people of the event; returns the answer with the outcome."""
    delivery = send(ctx, new_notice(ctx, event, about, line(text, 1_000)))
    waiting = delivery and delivery.waiting
    step = ". To send it now, in a shell that has the secret: ops notice send" if waiting else ""
    return replace(answer, notified=summary(delivery) + step)


def commit_record(ctx: Context, home: Agent, answer: R, title: str) -> R:
    """Commit the incident's file and its row, and nothing else, on the branch of `home`; returns the answer with it.

    A failure is noted in the answer: the incident is recorded anyway. A file in another clone is left to its agent.
    """
    if answer.agent != home.name:
        return answer
    try:
        head, missing = _commit(ctx, home, answer.id, title)
    except OpsError as error:
        note = _joined(answer.note, f"not committed: {error.message}")
        return replace(answer, note=note, next=error.next, commit_failed=True)
    step = f"Push it: {home.git} push -u origin HEAD"
    return replace(answer, commit=head, note=_joined(answer.note, missing), next=step)


def _joined(*notes: str | None) -> str | None:
    return "; ".join(filter(None, notes)) or None


def _commit(ctx: Context, home: Agent, incident: str, title: str) -> tuple[str, str | None]:
    """The commit, and a note if it does not contain the row; both as read back."""
    index, name = incident_index(ctx.world.files, home.folder), f"{incident}.md"
    git, page, parts = ctx.world.git, f"{index.below}/{name}", _parts(ctx, home, index, name, title)
    with ctx.world.files.lock(f"clone-{home.name}"):
        git.change.commit(home.folder, [page], message_of(home, f"incident {incident}", ""), parts)
        head, rows = git.state(home.folder).head, git.committed(home.folder, index.path)
        held = git.committed(home.folder, page)
    if head is None or held is None:
        raise OpsError("conflict", f"the commit {head} does not hold {page}", "Look at it: git show --stat")
    missing = index.path in parts and (rows is None or name not in index.rows(rows))
    return head, f"its row is not committed: git does not have {index.path} yet" if missing else None


def _parts(ctx: Context, home: Agent, index: IndexedFolder, name: str, title: str) -> dict[str, Part]:
    """What is committed with the page: the row and the line in `.gitattributes`, each only if it is there."""
    parts: dict[str, Part] = {}
    with suppress(OpsError):
        if ctx.fleet.writes_rows(home) and standing(index, name):
            parts[index.path] = row_part(index, name, cells(name, title))
    with suppress(OpsError):
        line_of, present = merge_part(_PAGES), index.files.read(index.attributes)
        if line_of(present) == present:
            parts[f"{index.below}/{index.attributes.name}"] = line_of
    return parts
