"""Incidents: what one is, its name, what makes two of them the same problem, and how many an hour may have."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, cast

from mcp_server.domain.frontmatter import front_matter_of
from mcp_server.domain.naming import free_name, slug

Severity = Literal["sev1", "sev2", "sev3", "sev4"]

FOLDER: Final = ("docs", "support", "incidents")
WINDOW: Final = timedelta(hours=24)
LIMIT: Final = 5
PER: Final = timedelta(hours=1)

_OVER = ("resolved", "closed")


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


@dataclass(frozen=True)
class Record:
    """What the front matter of an incident's file says of it."""

    title: str
    status: str
    agents: tuple[str, ...]
    reporter: str
    detected: datetime


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
            and record.status not in _OVER
            and _problem(record.title) == _problem(title)
            and set(record.agents) == set(agents)
        ),
        None,
    )


def next_allowed(records: Iterable[Record], reporter: str, now: datetime) -> datetime | None:
    """When `reporter` may open another one, if it has opened its share of this hour."""
    recent = sorted(r.detected for r in records if r.reporter == reporter and abs(now - r.detected) < PER)
    return recent[-LIMIT] + PER if len(recent) >= LIMIT else None


def record_of(text: str) -> Record | None:
    """The record in an incident's text; None where it has no front matter of this form."""
    front = front_matter_of(text).values
    try:
        detected = datetime.fromisoformat(str(front["detected"]))
    except (KeyError, ValueError):
        return None
    agents = front.get("agents")
    return Record(
        title=str(front.get("title", "")),
        status=str(front.get("status", "")),
        agents=tuple(map(str, cast("list[object]", agents))) if isinstance(agents, list) else (),
        reporter=str(front.get("reporter", "")),
        detected=detected if detected.tzinfo else detected.replace(tzinfo=UTC),
    )


def _problem(title: str) -> str:
    folded = unicodedata.normalize("NFKC", title).casefold()
    return " ".join(re.findall(r"[^\W_]+", folded)) or folded
