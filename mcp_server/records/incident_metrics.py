"""Metrics over incidents: MTTA and MTTR by severity, what recurs, and what no runbook covered."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mcp_server.records.incident import OVER, SEVERITIES
from mcp_server.records.incident_limits import problem_of


@dataclass(frozen=True)
class IncidentTimes:
    """One incident. A time is None if it was not reached, or is before detection because clocks differ."""

    id: str
    title: str
    severity: str
    status: str
    agents: tuple[str, ...]
    detected: datetime
    acknowledged: datetime | None
    mitigated: datetime | None
    resolved: datetime | None
    runbook_helped: bool


@dataclass(frozen=True)
class SeverityMetrics:
    """Mean times in minutes, over the `acknowledged` and `resolved` incidents that have them; None without any."""

    severity: str
    incidents: int
    open: int
    acknowledged: int
    mtta_minutes: float | None
    resolved: int
    mttr_minutes: float | None


@dataclass(frozen=True)
class Repeated:
    """A problem that occurred, or an agent that was affected, more than once."""

    name: str
    incidents: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """`incidents` is their number; elsewhere they are named by id."""

    incidents: int
    open: tuple[str, ...]
    paces: tuple[SeverityMetrics, ...]
    repeated_problems: tuple[Repeated, ...]
    repeated_agents: tuple[Repeated, ...]
    without_runbook: tuple[str, ...]


def report(incidents: Sequence[IncidentTimes], most: int = 20) -> Report:
    """The metrics of these incidents; lists are cut to the first `most`."""
    order = [*SEVERITIES, *sorted({one.severity for one in incidents} - set(SEVERITIES))]
    grouped = [(severity, [one for one in incidents if one.severity == severity]) for severity in order]
    return Report(
        incidents=len(incidents),
        open=tuple(one.id for one in incidents if one.status not in OVER),
        paces=tuple(_metrics(severity, some) for severity, some in grouped if some),
        repeated_problems=_repeated(((one.title, problem_of(one.title), one.id) for one in incidents), most),
        repeated_agents=_repeated(((agent, agent, one.id) for one in incidents for agent in one.agents), most),
        without_runbook=tuple(one.id for one in incidents if one.status in OVER and not one.runbook_helped)[:most],
    )


def _metrics(severity: str, some: Sequence[IncidentTimes]) -> SeverityMetrics:
    acknowledged = [one.acknowledged - one.detected for one in some if one.acknowledged]
    resolved = [one.resolved - one.detected for one in some if one.resolved]
    is_open = sum(one.status not in OVER for one in some)
    return SeverityMetrics(
        severity, len(some), is_open, len(acknowledged), _mean(acknowledged), len(resolved), _mean(resolved)
    )


def _mean(took: Sequence[timedelta]) -> float | None:
    return round(sum(took, timedelta()).total_seconds() / 60 / len(took), 1) if took else None


def _repeated(occurrences: Iterable[tuple[str, str, str]], most: int) -> tuple[Repeated, ...]:
    names: dict[str, str] = {}
    found: dict[str, list[str]] = defaultdict(list)
    for name, key, identity in occurrences:
        names.setdefault(key, name)
        found[key].append(identity)
    repeated = sorted((key for key, ids in found.items() if len(ids) > 1), key=lambda key: -len(found[key]))
    return tuple(Repeated(names[key], tuple(found[key])) for key in repeated[:most])
