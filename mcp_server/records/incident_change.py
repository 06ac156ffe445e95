"""What an update changes: the entries it adds to an incident's timeline, and where else they appear on its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mcp_server.kernel.errors import OpsError
from mcp_server.records.incident import Record, Severity
from mcp_server.records.incident_history import History
from mcp_server.records.incident_page import NO_RESOLUTION, NO_RUNBOOK, append_to_section, with_entries
from mcp_server.records.timeline import FAILED, HELPED, Entry, Status, goes_back, utc


@dataclass(frozen=True)
class RunbookDraft:
    """Arguments for `runbook_add`, for an incident that no runbook covered."""

    title: str
    symptoms: tuple[str, ...]
    meaning: str
    resolution: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """One update as a caller gives it; texts are markdown already. `runbook` is the path of a page."""

    at: datetime
    author: str
    text: str
    status: Status | None
    severity: Severity | None
    runbook: str | None
    helped: bool


def entries_of(change: Change, before: History, incident: str) -> list[Entry]:
    """The entries that `change` adds. Raises `invalid` when it goes back to an earlier status without a reason."""
    status = change.status if change.status != before.status else None
    if status and goes_back(before.status, status) and not change.text:
        message = f"{incident} is {before.status}: going back to {status} needs a reason"
        raise OpsError("invalid", message, "Explain in `entry` why it is not over")
    marked: list[tuple[str, str]] = []
    if change.runbook:
        marked.append((HELPED if change.helped else FAILED, change.runbook))
    if change.severity and change.severity != before.severity:
        marked.append((change.severity, f"was {before.severity or 'unknown'}"))
    if status or change.text:
        marked.append((status or "", change.text))
    return [Entry(change.at, change.author, mark, text) for mark, text in marked]


def changed_page(text: str, entries: Sequence[Entry], after: History, postmortem: str) -> str:
    """The page with the entries in its timeline and their sections, and the postmortem at its end."""
    times = {status: after.times.get(status) for status in ("acknowledged", "mitigated", "resolved")}
    front = {"severity": after.severity, "status": after.status}
    text = with_entries(text, entries, {**front, **{status: at and utc(at) for status, at in times.items()}})
    for entry in entries:
        if entry.mark in (HELPED, FAILED):
            line = f"- {entry.text}: {'helped' if entry.mark == HELPED else 'did not help'}"
            text = append_to_section(text, "## Runbooks tried", line, placeholder=NO_RUNBOOK)
        if entry.mark == "resolved" and entry.text:
            text = append_to_section(text, "## Resolution", entry.text, placeholder=NO_RESOLUTION)
    return f"{text.rstrip()}\n\n{postmortem}" if postmortem else text


def runbook_draft(record: Record, entries: Sequence[Entry], after: History) -> RunbookDraft | None:
    """The runbook that is missing, if these entries resolve the incident and no runbook helped."""
    if after.runbook_helped or not any(entry.mark == "resolved" for entry in entries):
        return None
    done = [entry.text for entry in after.entries if entry.text and entry.mark in ("", "mitigated", "resolved")]
    steps = "\n".join(f"{number}. {text}" for number, text in enumerate(done[-10:], 1))
    return RunbookDraft(record.title, (record.title,), record.summary[:2_000], steps)
