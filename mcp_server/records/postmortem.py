"""The draft of a blameless postmortem: what is known is filled in, the rest is in brackets for people to fill in."""

from datetime import timedelta
from typing import Final

from mcp_server.kernel.index_table import literal
from mcp_server.records.incident import Record
from mcp_server.records.incident_history import History
from mcp_server.records.timeline import FAILED, HELPED, STATUSES, utc

HEADING: Final = "## Postmortem"


def draft(record: Record, history: History) -> str:
    """The section as markdown. Entries are without their authors: a postmortem is about causes, not people."""
    spans = [f"{status} after {span(history.time_to(status))}" for status in STATUSES[1:4]]
    happened = "\n".join(f"- {utc(entry.at)} {entry.content(entry.mark)}" for entry in history.entries)
    return f"""\
{HEADING}

Draft. It asks what made this possible, not who did it.

### What happened

{literal(record.title)} ({history.severity}): {", ".join(spans)}.

{happened or "- [no entries]"}

### What helped

{_pages(history, HELPED)}

### What did not

{_pages(history, FAILED)}

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


def _pages(history: History, mark: str) -> str:
    pages = dict.fromkeys(entry.text for entry in history.entries if entry.mark == mark)
    return "\n".join(f"- {page}" for page in pages) or "- [nothing recorded]"
