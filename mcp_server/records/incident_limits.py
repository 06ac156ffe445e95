"""Limits on opening incidents: the same problem is opened once, and each reporter opens a few an hour."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from mcp_server.records.incident import OVER, Record
from mcp_server.records.timeline import Entry

WINDOW: Final = timedelta(hours=24)
LIMIT: Final = 5
PER: Final = timedelta(hours=1)


def days_around(now: datetime) -> tuple[str, ...]:
    """The dates with which the names of incidents within `WINDOW` of `now` begin, before or after it."""
    return tuple(f"{now.astimezone(UTC) + step * WINDOW:%Y-%m-%d}" for step in (-1, 0, 1))


def same_problem(records: Iterable[Record], title: str, agents: Collection[str], now: datetime) -> Record | None:
    """The open incident with the same title and agents that was detected in the last 24 hours, if there is one."""
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
    """When `reporter` may open another incident; None if that is now."""
    recent = sorted(r.detected for r in records if r.reporter == reporter and abs(now - r.detected) < PER)
    return recent[-LIMIT] + PER if len(recent) >= LIMIT else None


def is_news(entries: Iterable[Entry], new: Entry) -> bool:
    """Whether its author has not written this entry before, nor more than `LIMIT` entries in the last hour."""
    own = [entry for entry in entries if entry.author == new.author]
    recent = [entry for entry in own if abs(new.at - entry.at) < PER]
    return len(recent) < LIMIT and all(entry.text != new.text for entry in own)


def problem_of(title: str) -> str:
    """A title without case, punctuation and width, so that equal problems compare equal."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return " ".join(re.findall(r"[^\W_]+", folded)) or folded
