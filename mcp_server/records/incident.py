"""An incident when it is opened, its id, and what its file records later."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal, cast

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.file_names import free_name, slug
from mcp_server.kernel.markdown.page import read_page
from mcp_server.records.timeline import STATUSES, Entry, entries_in

Severity = Literal["sev1", "sev2", "sev3", "sev4"]

OVER: Final = ("resolved", "closed")
SEVERITIES: Final[tuple[Severity, ...]] = ("sev1", "sev2", "sev3", "sev4")


@dataclass(frozen=True)
class Incident:
    """An incident as it is opened; all texts have been through `kernel.caller_text`."""

    id: str
    title: str
    severity: Severity
    summary: str
    agents: tuple[str, ...]
    reporter: str
    detected: datetime
    runbooks: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    log: str = ""
    started: datetime | None = None
    "When the problem began, if known; not later than `detected`."
    commander: str = ""


@dataclass(frozen=True)
class Record:
    """One incident's file, parsed. `times` are those of the front matter by status.

    `doubled`: the front matter has a key twice, as after a merge of two clones.
    """

    title: str
    status: str
    agents: tuple[str, ...]
    reporter: str
    detected: datetime
    severity: str = ""
    summary: str = ""
    times: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    entries: tuple[Entry, ...] = ()
    doubled: bool = False
    has_runbooks: bool = False
    "Whether the index had pages for the problem when it was opened; they may not have helped."


def identity(day: datetime, title: str, taken: Collection[str]) -> str:
    """The id `YYYY-MM-DD-slug`: ASCII, short for any title, and not among `taken`."""
    return free_name(f"{day.astimezone(UTC):%Y-%m-%d}-{slug(title, 'incident')}", taken)


def record_of(text: str) -> Record | None:
    """Parse an incident's file; None if its front matter has no time as `detected`."""
    page = read_page(text)
    front = page.front
    detected = time_of(front.values.get("detected"))
    if detected is None:
        return None
    agents = front.values.get("agents")
    times = {key: at for key in STATUSES if (at := time_of(front.values.get(key)))}
    return Record(
        title=str(front.values.get("title", "")),
        status=str(front.values.get("status", "")),
        agents=tuple(map(str, cast("list[object]", agents))) if isinstance(agents, list) else (),
        reporter=str(front.values.get("reporter", "")),
        detected=detected,
        severity=str(front.values.get("severity", "")),
        summary=page.section("Summary"),
        times=times,
        entries=entries_in(page),
        doubled=_doubled(text),
        has_runbooks=bool(front.values.get("runbooks")),
    )


def past_time(text: str, now: datetime) -> datetime:
    """Parse a caller's time, UTC unless it names a zone. Raises `invalid` if it is in the future."""
    at = time_of(text)
    if at is None:
        raise OpsError("invalid", f"{shown(text)} is not a date and time", "Give it in UTC, as 2026-11-01T09:30")
    if at > now:
        message = f"{shown(text)} is in the future: it is {now:%Y-%m-%dT%H:%M} UTC"
        raise OpsError("invalid", message, "Give it in UTC, as 2026-11-01T09:30")
    return at.astimezone(UTC)


def _doubled(text: str) -> bool:
    keys = re.findall(r"(?m)^(\w+):", text.partition("\n---")[0])
    return len(keys) != len(set(keys))


def time_of(value: object) -> datetime | None:
    """Parse an ISO date or time, UTC unless it names a zone; None if it is not one."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
