"""`incident_list`: the incidents of all clones, each once, with the status from their merged timelines."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from mcp_server.kernel.checked import Field
from mcp_server.kernel.document import columns
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.records.incident import OVER
from mcp_server.records.look_incidents import KnownIncident, known_incidents

_MOST = 50


class ListParams(Params):
    status: Literal["open", "triggered", "acknowledged", "mitigated", "resolved", "closed", "all"] = Field(
        default="open", description="open: not resolved yet"
    )


@dataclass(frozen=True)
class Row:
    """`path` is in the clone of `agent`."""

    id: str
    title: str
    severity: str
    status: str
    detected: datetime
    agents: tuple[str, ...]
    agent: str
    path: Path


@dataclass(frozen=True)
class Incidents:
    """Newest first; `omitted` older ones did not fit into the answer."""

    incidents: tuple[Row, ...]
    omitted: int


def _list(ctx: Context, params: ListParams) -> Incidents:
    rows, wanted = map(_row, known_incidents(ctx)), params.status
    found = [r for r in rows if wanted in ("all", r.status) or (wanted == "open" and r.status not in OVER)]
    listed = found[: ctx.most(_MOST)]
    return Incidents(tuple(listed), len(found) - len(listed))


def _row(one: KnownIncident) -> Row:
    record, history = one.record, one.history
    return Row(
        one.id,
        record.title,
        history.severity or "unknown",
        history.status or "unknown",
        history.detected,
        record.agents,
        one.agent.name,
        one.path,
    )


def _text(result: Incidents) -> str:
    return "\n".join(_lines(result)) if result.incidents else "No such incident."


def _lines(result: Incidents) -> Iterator[str]:
    rows = [(r.id, r.severity, r.status, f"{r.detected:%Y-%m-%d %H:%M}", r.agent, r.title) for r in result.incidents]
    yield columns([("id", "severity", "status", "detected (UTC)", "in", "title"), *rows])
    if result.omitted:
        yield f"and {result.omitted} older ones"


INCIDENT_LIST = Operation(
    name="incident_list",
    title="List incidents",
    summary="Lists incidents of all clones.",
    effect=Effect.READ,
    params=ListParams,
    run=_list,
    text=_text,
)
