"""How an incident went, from every version of its file in the clones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mcp_server.records.incident import SEVERITIES, Record
from mcp_server.records.timeline import HELPED, STATUSES, Entry, merged, status_in, times_in


@dataclass(frozen=True)
class History:
    """An incident's status, severity, times and timeline. `times` has the time at which each status was reached."""

    status: str
    severity: str
    detected: datetime
    times: Mapping[str, datetime]
    entries: tuple[Entry, ...]

    def time_to(self, status: str) -> timedelta | None:
        """The time from detection to `status`; None if it is unknown, or negative because clocks differ."""
        at = self.times.get(status)
        return at - self.detected if at and at >= self.detected else None

    def with_entries(self, entries: Sequence[Entry]) -> "History":
        """The history after these further entries."""
        severities = [entry.mark for entry in entries if entry.mark in SEVERITIES]
        return History(
            status=status_in(entries) or self.status,
            severity=severities[-1] if severities else self.severity,
            detected=self.detected,
            times=times_in(entries, self.times),
            entries=(*self.entries, *entries),
        )

    @property
    def runbook_helped(self) -> bool:
        return any(entry.mark == HELPED for entry in self.entries)


def history_of(versions: Sequence[Record]) -> History:
    """Merge the versions of one incident's file.

    The status in the front matter counts, also when it was set by hand, unless the versions have diverged: then the
    merged timeline decides.
    """
    whole = merged(version.entries for version in versions)
    order = ("", *STATUSES)
    best = max(versions, key=lambda v: (len(v.entries), order.index(v.status) if v.status in order else 0))
    diverged = len(whole) > len(best.entries) or best.doubled
    severities = [entry.mark for entry in whole if entry.mark in SEVERITIES]
    return History(
        status=(diverged and status_in(whole)) or best.status,
        severity=severities[-1] if diverged and severities else best.severity,
        detected=best.detected,
        times={**({} if diverged else best.times), **times_in(whole)},
        entries=whole,
    )
