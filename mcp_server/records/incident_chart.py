"""The incident report as one HTML page with a chart; it has no script and loads nothing from the network."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Final

from mcp_server.records.incident_metrics import IncidentTimes, Repeated, Report
from mcp_server.records.timeline import utc

_LEFT: Final = 300
_WIDTH: Final = 640
_ROW: Final = 22
_HEAD: Final = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Incidents</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;color:#1c1c1c;background:#fff}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{border-bottom:1px solid #ccc;padding:.2rem .8rem .2rem 0;
text-align:left}svg{display:block;width:100%;height:auto;font:12px system-ui,sans-serif}
.triggered{fill:#b3261e}.acknowledged{fill:#c77700}.mitigated{fill:#4a6fa5}.axis{fill:#666}
</style></head><body>
"""


def page(incidents: Sequence[IncidentTimes], found: Report, now: datetime, since: datetime | None) -> str:
    """The whole page; all text from incidents is escaped."""
    span = f"since {utc(since)}" if since else "all there are"
    return (
        f"{_HEAD}<h1>Incidents</h1><p>{len(incidents)} incidents, {span}; made {utc(now)}.</p>\n"
        f"{chart(incidents, now)}\n<h2>By severity</h2>\n{_severities(found)}\n"
        f"<h2>Met more than once</h2>\n{_repeated((*found.repeated_problems, *found.repeated_agents))}\n"
        f"<h2>Over without a runbook</h2>\n{_items(found.without_runbook)}\n</body></html>\n"
    )


def chart(incidents: Sequence[IncidentTimes], now: datetime) -> str:
    """An SVG with a row for each incident, from detection until resolved or now; the colour shows its status."""
    if not incidents:
        return "<p>No incidents.</p>"
    start = min(one.detected for one in incidents)
    end = max(_end(one, now) for one in incidents)
    length = max(end - start, timedelta(minutes=1))
    rows = "\n".join(_row(number, one, start, length, now) for number, one in enumerate(incidents, 1))
    height = _ROW * (len(incidents) + 2)
    axis = (
        f'<text class="axis" x="{_LEFT}" y="14">{utc(start)}</text>'
        f'<text class="axis" x="{_LEFT + _WIDTH}" y="14" text-anchor="end">{utc(end)}</text>'
    )
    key = "".join(
        f'<rect class="{name}" x="{_LEFT + 150 * n}" y="{height - 14}" width="10" height="10"/>'
        f'<text x="{_LEFT + 150 * n + 15}" y="{height - 5}">{name}</text>'
        for n, name in enumerate(("triggered", "acknowledged", "mitigated"))
    )
    box = f"0 0 {_LEFT + _WIDTH} {height}"
    return f'<svg role="img" aria-label="Timeline of incidents" viewBox="{box}">{axis}\n{rows}\n{key}</svg>'


def _row(number: int, one: IncidentTimes, start: datetime, length: timedelta, now: datetime) -> str:
    marks = [("triggered", one.detected), ("acknowledged", one.acknowledged), ("mitigated", one.mitigated)]
    reached = sorted(((at, name) for name, at in marks if at), key=lambda mark: mark[0])
    ends = [at for at, _ in reached[1:]] + [_end(one, now)]
    y = _ROW * number
    bars = "".join(
        f'<rect class="{name}" x="{_x(at, start, length):.1f}" y="{y + 4}" height="12" '
        f'width="{max(2.0, _x(until, start, length) - _x(at, start, length)):.1f}"/>'
        for (at, name), until in zip(reached, ends, strict=True)
    )
    title = f"{one.id} ({one.severity}, {one.status}): {one.title}"
    label = escape(f"{one.severity} {one.id}"[:44])
    return f'<g><title>{escape(title)}</title><text x="0" y="{y + 14}">{label}</text>{bars}</g>'


def _end(one: IncidentTimes, now: datetime) -> datetime:
    return one.resolved or max(now, one.detected, *(at for at in (one.acknowledged, one.mitigated) if at))


def _x(at: datetime, start: datetime, length: timedelta) -> float:
    return _LEFT + _WIDTH * min(1.0, max(0.0, (at - start) / length))


def _severities(found: Report) -> str:
    head = "<tr><th>severity<th>incidents<th>open<th>MTTA (min)<th>MTTR (min)</tr>"
    cells = ((p.severity, p.incidents, p.open, *map(_minutes, (p.mtta_minutes, p.mttr_minutes))) for p in found.paces)
    rows = ("<tr>" + "".join(f"<td>{escape(str(cell))}" for cell in row) + "</tr>" for row in cells)
    return f"<table>{head}{''.join(rows)}</table>"


def _minutes(minutes: float | None) -> str:
    return "unknown" if minutes is None else f"{minutes:g}"


def _repeated(repeated: Sequence[Repeated]) -> str:
    return _items([f"{one.name}: {len(one.incidents)} ({', '.join(one.incidents[:5])})" for one in repeated])


def _items(texts: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text)}' for text in texts)}</ul>" if texts else "<p>None.</p>"
