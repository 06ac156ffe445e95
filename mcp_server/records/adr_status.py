"""`ops adr status`: the decision records with their statuses, and inconsistencies between them."""

from dataclasses import dataclass
from pathlib import Path

from mcp_server.kernel.document import columns
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Finding
from mcp_server.knowledge.index_rows import mark_of
from mcp_server.knowledge.look_pages import docs_clone
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.records.decision_checks import inconsistencies
from mcp_server.records.look_decisions import records


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    status: str


@dataclass(frozen=True)
class AdrStatus:
    clone: Path
    records: tuple[Row, ...]
    findings: tuple[Finding, ...]


def _status(ctx: Context, _: Params) -> AdrStatus:
    clone = docs_clone(ctx)
    if clone is None:
        step = "Name the folder that holds the agents: --fleet DIR"
        raise OpsError("not_found", "there is no clone with docs", step)
    found = records(ctx.world.files, clone)
    return AdrStatus(clone, tuple(Row(r.name, r.title, r.status) for r in found), inconsistencies(found))


def _text(result: AdrStatus) -> str:
    rows = [(mark_of(row.name), row.status, row.title) for row in result.records]
    findings = [f"{f.severity}  {f.code}  {f.message}\n  Next: {f.next}" for f in result.findings]
    return "\n".join([*([columns(rows)] if rows else ["No decision records."]), *findings])


ADR_STATUS = Operation(
    name="adr_status",
    title="Decision records",
    summary="The decision records with their statuses; numbers used twice and one-sided supersessions.",
    effect=Effect.READ,
    run=_status,
    text=_text,
    ok=lambda result: not result.findings,
)
