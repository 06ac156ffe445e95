"""`ops incident report`: MTTA and MTTR, what recurs, and what no runbook covered, as a table or an HTML page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mcp_server.kernel.checked import Field
from mcp_server.kernel.document import columns
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.humanize import plural
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.records.incident import time_of
from mcp_server.records.incident_chart import page
from mcp_server.records.incident_metrics import IncidentTimes, Report, SeverityMetrics, report
from mcp_server.records.look_incidents import KnownIncident, known_incidents, unparsed


class ReportParams(Params):
    since: str = Field(default="", description="only incidents detected since this date or time, in UTC")
    html: bool = Field(default=False, description="an HTML page with a chart, to be written to a file")


@dataclass(frozen=True, kw_only=True)
class Reported(Report):
    """`uncounted` pages state no time of detection. `html` is the page, if requested."""

    since: datetime | None
    uncounted: tuple[str, ...]
    html: str | None


def _report(ctx: Context, params: ReportParams) -> Reported:
    since, now = _since(params.since), ctx.world.clock.now()
    every = known_incidents(ctx)
    past = [_times_of(one) for one in every if since is None or one.history.detected >= since]
    found = report(past)
    html = page(past, found, now, since) if params.html else None
    return Reported(**vars(found), since=since, uncounted=unparsed(ctx, every), html=html)


def _since(text: str) -> datetime | None:
    since = time_of(text)
    if text and since is None:
        raise OpsError("invalid", f"{shown(text)} is not a date", "Give it as 2026-11-01")
    return since


def _times_of(one: KnownIncident) -> IncidentTimes:
    history = one.history
    reached = {key: at for key, at in history.times.items() if history.time_to(key) is not None}
    return IncidentTimes(
        one.id,
        one.record.title,
        history.severity or "unknown",
        history.status or "unknown",
        one.record.agents,
        history.detected,
        reached.get("acknowledged"),
        reached.get("mitigated"),
        reached.get("resolved"),
        history.runbook_helped,
    )


def _text(result: Reported) -> str:
    return result.html or "\n".join(_lines(result))


def _lines(result: Reported) -> Iterator[str]:
    which = f": {', '.join(result.open[:10])}" if result.open else ""
    yield f"{plural(result.incidents, 'incident')}, {len(result.open)} open{which}"
    if result.paces:
        yield columns([("severity", "incidents", "open", "MTTA", "MTTR"), *map(_row, result.paces)])
    for repeated in (*result.repeated_problems, *result.repeated_agents):
        yield f"again: {repeated.name}, {len(repeated.incidents)} times"
    for name in result.without_runbook:
        yield f"over without a runbook: {name}"
    if result.uncounted:
        yield f"not counted, they state no time of detection: {', '.join(result.uncounted[:10])}"


def _row(of: SeverityMetrics) -> tuple[str, ...]:
    means = _mean(of.mtta_minutes, of.acknowledged), _mean(of.mttr_minutes, of.resolved)
    return (of.severity, str(of.incidents), str(of.open), *means)


def _mean(minutes: float | None, of: int) -> str:
    return "unknown" if minutes is None else f"{minutes:g} min (of {of})"


INCIDENT_REPORT = Operation(
    name="incident_report",
    title="Report on incidents",
    summary="How long incidents took by severity, what comes back, and what no runbook covered.",
    effect=Effect.READ,
    params=ReportParams,
    run=_report,
    text=_text,
)
