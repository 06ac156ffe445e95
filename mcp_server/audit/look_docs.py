"""The findings about the docs: indexes, pages, records, and commands rendered from runbooks."""

from pathlib import Path

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import SEVERITIES, Finding
from mcp_server.knowledge.findings import docs_missing
from mcp_server.knowledge.look_index_findings import index_faults
from mcp_server.knowledge.look_page_findings import page_faults, shipped_page_faults
from mcp_server.knowledge.look_rendered import render_differences
from mcp_server.operation.context import Context
from mcp_server.records.findings import choice_findings, incident_findings, note_findings

_STATES = {
    "missing": "is missing: a runbook renders it",
    "differs": "is not as its runbook renders it",
    "unexpected": "is rendered by no runbook",
}


def docs_findings(ctx: Context, clone: Path | None) -> tuple[Finding, ...]:
    """The findings about the docs of this clone and about the pack's own, the most severe first."""
    operated = _operated(ctx, clone) if clone else _no_docs(ctx)
    return tuple(sorted((*operated, *_shipped(ctx)), key=lambda finding: SEVERITIES.index(finding.severity)))


def _operated(ctx: Context, clone: Path) -> tuple[Finding, ...]:
    pages = (*index_faults(ctx.world.files, clone), *page_faults(ctx, clone))
    return (*pages, *incident_findings(ctx, clone), *note_findings(ctx, clone), *choice_findings(ctx))


def _no_docs(ctx: Context) -> tuple[Finding, ...]:
    try:
        return (docs_missing(ctx.fleet.root),)
    except OpsError as error:
        message = f"no docs were looked at: {error.message}"
        return (Finding("docs_missing", "warning", message, error.next, unknown=True),)


def _shipped(ctx: Context) -> tuple[Finding, ...]:
    try:
        differences = render_differences(ctx.world)
        pages = shipped_page_faults(ctx)
    except OpsError as error:
        return (Finding("runbook_invalid", "warning", error.message, error.next),)
    step = "ops docs render"
    differing = (Finding("command_differs", "warning", f"{d.path} {_STATES[d.state]}", step) for d in differences)
    return (*differing, *pages)
