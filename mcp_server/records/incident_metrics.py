"""What many incidents tell together: how long they took by severity, what comes back, what no runbook covered."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mcp_server.records.incident import OVER, SEVERITIES, problem_of


@dataclass(frozen=True)
class Past:
    """One incident. A time is None where it was not reached or, by the clock, lies before the start."""

    id: str
    title: str
    severity: str
    status: str
    agents: tuple[str, ...]
    detected: datetime
    acknowledged: datetime | None
    mitigated: datetime | None
    resolved: datetime | None
    by_runbook: bool


@dataclass(frozen=True)
class Pace:
    """Mean times in minutes over those that have one; None: none has. `acknowledged` and `resolved` say how many."""

    severity: str
    incidents: int
    open: int
    acknowledged: int
    mtta_minutes: float | None
    resolved: int
    mttr_minutes: float | None


@dataclass(frozen=True)
class Offender:
    """A problem that was met, or an agent that was concerned, more than once."""

    name: str
    incidents: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """`incidents` counts them, the rest names them by their ids."""

    incidents: int
    open: tuple[str, ...]
    paces: tuple[Pace, ...]
    repeated_problems: tuple[Offender, ...]
    repeated_agents: tuple[Offender, ...]
    without_runbook: tuple[str, ...]


def report(incidents: Sequence[Past], most: int = 20) -> Report:
    """The report over these incidents; of each list that can be long the first `most`."""
    order = [*SEVERITIES, *sorted({one.severity for one in incidents} - set(SEVERITIES))]
    grouped = [(severity, [one for one in incidents if one.severity == severity]) for severity in order]
    return Report(
        incidents=len(incidents),
        open=tuple(one.id for one in incidents if one.status not in OVER),
        paces=tuple(_pace(severity, some) for severity, some in grouped if some),
        repeated_problems=_offenders(((one.title, problem_of(one.title), one.id) for one in incidents), most),
        repeated_agents=_offenders(((agent, agent, one.id) for one in incidents for agent in one.agents), most),
        without_runbook=tuple(one.id for one in incidents if one.status in OVER and not one.by_runbook)[:most],
    )


def _pace(severity: str, some: Sequence[Past]) -> Pace:
    acknowledged = [one.acknowledged - one.detected for one in some if one.acknowledged]
    resolved = [one.resolved - one.detected for one in some if one.resolved]
    is_open = sum(one.status not in OVER for one in some)
    return Pace(severity, len(some), is_open, len(acknowledged), _mean(acknowledged), len(resolved), _mean(resolved))


def _mean(took: Sequence[timedelta]) -> float | None:
    return round(sum(took, timedelta()).total_seconds() / 60 / len(took), 1) if took else None


def _offenders(told: Iterable[tuple[str, str, str]], most: int) -> tuple[Offender, ...]:
    names: dict[str, str] = {}
    found: dict[str, list[str]] = defaultdict(list)
    for name, key, identity in told:
        names.setdefault(key, name)
        found[key].append(identity)
    counts = Counter({key: len(ids) for key, ids in found.items() if len(ids) > 1})
    return tuple(Offender(names[key], tuple(found[key])) for key, _ in counts.most_common(most))
