"""Incidents: what one is, its name, what makes two of them the same problem, and how many an hour may have."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, cast

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.file_names import free_name, slug
from mcp_server.kernel.front_matter import front_matter_of
from mcp_server.records.timeline import HELPED, STATUSES, Entry, entries_in, merged, status_in, times_in

Severity = Literal["sev1", "sev2", "sev3", "sev4"]

FOLDER: Final = ("docs", "support", "incidents")
WINDOW: Final = timedelta(hours=24)
LIMIT: Final = 5
PER: Final = timedelta(hours=1)

OVER: Final = ("resolved", "closed")
SEVERITIES: Final[tuple[Severity, ...]] = ("sev1", "sev2", "sev3", "sev4")


@dataclass(frozen=True)
class Incident:
    """An incident at the moment it is opened; every text in it has been through `caller_text`."""

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
    "When the trouble began, if that is known; never after it was detected."
    commander: str = ""


@dataclass(frozen=True)
class Record:
    """What one incident's file says of it. `times` are those of the front matter, by its keys.

    `doubled`: the front matter says something twice, as after a merge of two clones.
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
    offered: bool = False
    "Whether the index had pages for it; that says nothing of their help."


@dataclass(frozen=True)
class Course:
    """How an incident went, from all that is known of it in all clones."""

    status: str
    severity: str
    detected: datetime
    times: Mapping[str, datetime]
    entries: tuple[Entry, ...]

    def after(self, status: str) -> timedelta | None:
        """How long it took to reach `status`; None: unknown, or by the clock before the start."""
        at = self.times.get(status)
        return at - self.detected if at and at >= self.detected else None

    def then(self, entries: Sequence[Entry]) -> "Course":
        """The course after these entries too."""
        severities = [entry.mark for entry in entries if entry.mark in SEVERITIES]
        return Course(
            status=status_in(entries) or self.status,
            severity=severities[-1] if severities else self.severity,
            detected=self.detected,
            times=times_in(entries, self.times),
            entries=(*self.entries, *entries),
        )

    @property
    def helped(self) -> bool:
        """Whether a runbook did."""
        return any(entry.mark == HELPED for entry in self.entries)


def course(versions: Sequence[Record]) -> Course:
    """The course that follows from every version of an incident's file.

    A status that was set by hand in the front matter counts, unless the versions have gone apart: then the
    timelines together decide.
    """
    whole = merged(version.entries for version in versions)
    best = max(versions, key=lambda v: (len(v.entries), _rank(v.status)))
    apart = len(whole) > len(best.entries) or best.doubled
    severities = [entry.mark for entry in whole if entry.mark in SEVERITIES]
    return Course(
        status=(apart and status_in(whole)) or best.status,
        severity=severities[-1] if apart and severities else best.severity,
        detected=best.detected,
        times={**({} if apart else best.times), **times_in(whole)},
        entries=whole,
    )


def _rank(status: str) -> int:
    return [*STATUSES].index(status) if status in STATUSES else -1


def identity(day: datetime, title: str, taken: Collection[str]) -> str:
    """`YYYY-MM-DD-slug`, ASCII and short whatever the title is, and not among `taken`."""
    return free_name(f"{day.astimezone(UTC):%Y-%m-%d}-{slug(title, 'incident')}", taken)


def days_around(now: datetime) -> tuple[str, ...]:
    """The dates that incidents within the window of `now` begin their names with; a clock may have jumped."""
    return tuple(f"{now.astimezone(UTC) + step * WINDOW:%Y-%m-%d}" for step in (-1, 0, 1))


def same_problem(records: Iterable[Record], title: str, agents: Collection[str], now: datetime) -> Record | None:
    """The one still open that says the same of the same agents, from the last 24 hours."""
    return next(
        (
            record
            for record in records
            if abs(now - record.detected) <= WINDOW
            and record.status not in OVER
            and problem_of(record.title) == problem_of(title)
            and set(record.agents) == set(agents)
        ),
        None,
    )


def next_allowed(records: Iterable[Record], reporter: str, now: datetime) -> datetime | None:
    """When `reporter` may open another one, if it has opened its share of this hour."""
    recent = sorted(r.detected for r in records if r.reporter == reporter and abs(now - r.detected) < PER)
    return recent[-LIMIT] + PER if len(recent) >= LIMIT else None


def adds(entries: Iterable[Entry], new: Entry) -> bool:
    """Whether `new` says what its author did not say yet, and the author has not said its share of this hour."""
    own = [entry for entry in entries if entry.who == new.who]
    recent = [entry for entry in own if abs(new.at - entry.at) < PER]
    return len(recent) < LIMIT and all(entry.text != new.text for entry in own)


def record_of(text: str) -> Record | None:
    """The record in an incident's text; None where it has no front matter of this form."""
    front = front_matter_of(text)
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
        summary=_section(front.body, "Summary"),
        times=times,
        entries=entries_in(text),
        doubled=_doubled(text),
        offered=bool(front.values.get("runbooks")),
    )


def moment(text: str, now: datetime) -> datetime:
    """The moment that a caller names, in UTC where it names no zone; `invalid` where it is none, or to come."""
    at = time_of(text)
    if at is None:
        raise OpsError("invalid", f"{shown(text)} is no moment", "Give it in UTC, as 2026-11-01T09:30")
    if at > now:
        message = f"{shown(text)} is to come: it is {now:%Y-%m-%dT%H:%M} UTC"
        raise OpsError("invalid", message, "Give it in UTC, as 2026-11-01T09:30")
    return at.astimezone(UTC)


def problem_of(title: str) -> str:
    """The words of a title without what does not tell problems apart."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return " ".join(re.findall(r"[^\W_]+", folded)) or folded


def _doubled(text: str) -> bool:
    keys = re.findall(r"(?m)^(\w+):", text.partition("\n---")[0])
    return len(keys) != len(set(keys))


def _section(body: str, heading: str) -> str:
    found = re.search(rf"(?ms)^## {heading}\n(.*?)(?=^## |\Z)", body)
    return found[1].strip() if found else ""


def time_of(value: object) -> datetime | None:
    """The moment that `value` says, in UTC where it names no zone; None where it says none."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
