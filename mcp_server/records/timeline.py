"""The timeline of an incident or a release: its entries as lines of markdown, and the statuses they set.

A timeline is only appended to. The status and times in the front matter follow from it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from mcp_server.kernel.markdown.page import MarkdownPage

Status = Literal["triggered", "acknowledged", "mitigated", "resolved", "closed"]

STATUSES: Final[tuple[Status, ...]] = ("triggered", "acknowledged", "mitigated", "resolved", "closed")
HELPED, FAILED = "runbook helped", "runbook failed"
HEADING: Final = "## Timeline"

_TIME = "%Y-%m-%dT%H:%M:%SZ"
_LINE = re.compile(r"- (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ([^\s:]+): (?:\*\*([a-z0-9 ]+)\*\*(?:; |$))?(.*)")


@dataclass(frozen=True)
class Entry:
    """`mark` is a status, a severity, `runbook helped`, `runbook failed`, or "" for a remark.

    `text` is one line of markdown without unescaped asterisks, so that a caller's text cannot pass for a mark.
    """

    at: datetime
    author: str
    mark: str
    text: str

    def __str__(self) -> str:
        return f"- {utc(self.at)} {self.author}: {self.content(self.mark and f'**{self.mark}**')}"

    def content(self, mark: str) -> str:
        """The text after its mark, as `mark` words it."""
        return "; ".join(part for part in (mark, self.text) if part)


def utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_TIME)


def entries_in(page: MarkdownPage) -> tuple[Entry, ...]:
    """The entries below the heading `Timeline`, in the order of the file; other lines are skipped."""
    section = page.section(HEADING.removeprefix("## "))
    return tuple(entry for line in section.splitlines() if (entry := _entry(line)))


def merged(versions: Iterable[Sequence[Entry]]) -> tuple[Entry, ...]:
    """The union of the versions by time. An entry occurs as often as in the version that has it most often."""
    counts: Counter[Entry] = Counter()
    for version in versions:
        counts |= Counter(version)
    return tuple(sorted(counts.elements(), key=lambda entry: entry.at))


def status_in(entries: Iterable[Entry]) -> Status | None:
    """The status that was set last."""
    marks: list[Status] = [status for entry in entries for status in STATUSES if entry.mark == status]
    return marks[-1] if marks else None


def times_in(entries: Iterable[Entry], before: Mapping[str, datetime] | None = None) -> Mapping[str, datetime]:
    """When each status was reached, in these entries or earlier (`before`).

    Going back to an earlier status clears the later ones, except the acknowledgement.
    """
    times = dict(before or {})
    for entry in entries:
        if entry.mark in STATUSES:
            later = STATUSES[STATUSES.index(entry.mark) + 1 :]
            times = {status: at for status, at in times.items() if status not in later or status == "acknowledged"}
            times.setdefault(entry.mark, entry.at)
    return times


def goes_back(before: str, after: str) -> bool:
    return before in STATUSES and after in STATUSES and STATUSES.index(after) < STATUSES.index(before)


def _entry(line: str) -> Entry | None:
    found = _LINE.fullmatch(line.rstrip())
    if not found:
        return None
    try:
        at = datetime.strptime(found[1], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Entry(at, found[2], found[3] or "", found[4])
