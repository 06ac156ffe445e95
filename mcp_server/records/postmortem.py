"""The draft of a postmortem: what is known is filled in, what only people know is asked for. It names no culprit."""

from datetime import timedelta
from typing import Final

from mcp_server.kernel.index_table import literal
from mcp_server.records.incident import Course, Record
from mcp_server.records.timeline import FAILED, HELPED, STATUSES, utc

HEADING: Final = "## Postmortem"


def draft(record: Record, course: Course) -> str:
    """The section as markdown. Entries stand without who wrote them: the form asks what made it possible, not who."""
    spans = [f"{status} after {span(course.after(status))}" for status in STATUSES[1:4]]
    happened = "\n".join(f"- {utc(entry.at)} {_told(entry.mark, entry.text)}" for entry in course.entries)
    return f"""\
{HEADING}

Draft. It asks what made this possible, not who did it.

### What happened

{literal(record.title)} ({course.severity}): {", ".join(spans)}.

{happened or "- [no entries]"}

### What helped

{_pages(course, HELPED)}

### What did not

{_pages(course, FAILED)}

### What made it possible

- [conditions, not people]

### What changes

- [action, owner by role, date]
"""


def span(took: timedelta | None) -> str:
    if took is None:
        return "unknown"
    minutes = round(took.total_seconds() / 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def _told(mark: str, text: str) -> str:
    return "; ".join(part for part in (mark, text) if part)


def _pages(course: Course, mark: str) -> str:
    pages = dict.fromkeys(entry.text for entry in course.entries if entry.mark == mark)
    return "\n".join(f"- {page}" for page in pages) or "- [nothing recorded]"
