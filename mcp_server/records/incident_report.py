"""`ops incident report`: how long incidents took, what comes back, what no runbook covered; as a table or a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from mcp_server.kernel.document import columns
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.humanize import plural
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.records.incident import time_of
from mcp_server.records.incident_chart import page
from mcp_server.records.incident_metrics import Pace, Past, Report, report
from mcp_server.records.look_incidents import Known, in_another_form, known


class ReportParams(Params):
    since: str = Field(default="", description="only incidents detected since this date or time, in UTC")
    html: bool = Field(default=False, description="a page with a picture, to be written to a file")


@dataclass(frozen=True, kw_only=True)
class Reported(Report):
    """`uncounted` pages say no time of detection. `html` is the page, where asked for."""

    since: datetime | None
    uncounted: tuple[str, ...]
    html: str | None


def _report(ctx: Context, params: ReportParams) -> Reported:
    since, now = _since(params.since), ctx.world.clock.now()
    every = known(ctx)
    past = [_past(one) for one in every if since is None or one.course.detected >= since]
    found = report(past)
    told = page(past, found, now, since) if params.html else None
    return Reported(**vars(found), since=since, uncounted=in_another_form(ctx, every), html=told)


def _since(text: str) -> datetime | None:
    since = time_of(text)
    if text and since is None:
        raise OpsError("invalid", f"{shown(text)} is no date", "Give it as 2026-11-01")
    return since


def _past(one: Known) -> Past:
    course = one.course
    reached = {key: at for key, at in course.times.items() if course.after(key) is not None}
    return Past(
        one.id,
        one.record.title,
        course.severity or "unknown",
        course.status or "unknown",
        one.record.agents,
        course.detected,
        reached.get("acknowledged"),
        reached.get("mitigated"),
        reached.get("resolved"),
        course.helped,
    )


def _text(result: Reported) -> str:
    return result.html or "\n".join(_lines(result))


def _lines(result: Reported) -> Iterator[str]:
    which = f": {', '.join(result.open[:10])}" if result.open else ""
    yield f"{plural(result.incidents, 'incident')}, {len(result.open)} open{which}"
    if result.paces:
        yield columns([("severity", "incidents", "open", "MTTA", "MTTR"), *map(_row, result.paces)])
    for offender in (*result.repeated_problems, *result.repeated_agents):
        yield f"again: {offender.name}, {len(offender.incidents)} times"
    for name in result.without_runbook:
        yield f"over without a runbook: {name}"
    if result.uncounted:
        yield f"not counted, they say no time of detection: {', '.join(result.uncounted[:10])}"


def _row(of: Pace) -> tuple[str, ...]:
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
    ok=lambda _: True,
)
