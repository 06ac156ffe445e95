"""`fleet_audit` reports the state of every agent."""

from collections.abc import Iterator
from itertools import groupby

from mcp_server.audit.report import Audit, Row
from mcp_server.kernel.checked import Field
from mcp_server.kernel.colour import CYAN, RED, YELLOW
from mcp_server.kernel.document import columns
from mcp_server.kernel.finding import SEVERITIES, Severity
from mcp_server.kernel.visible import visible
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params

_HEADER = (
    *("agent", "branch", "ahead", "behind", "dirty", "unpushed"),
    *("config", "login", "guard", "sessions", "MB", "findings"),
)
_COLOURS: dict[str, str] = {"critical": RED, "warning": YELLOW, "notice": CYAN}


class AuditParams(Params):
    agents: list[str] = Field(default=[], max_length=200, description="Names of agents, none: all")
    fetch: bool = Field(default=False, description="Ask git origins too")


def _audit(ctx: Context, params: AuditParams) -> Audit:
    from mcp_server.audit.look_fleet import audit  # noqa: PLC0415  loads every package; its help needs none

    return audit(ctx, ctx.agents(params.agents), ask=params.fetch)


def _text(result: Audit) -> str:
    return "\n".join(line for line, _ in _lines(result))


def _coloured(result: Audit) -> Iterator[tuple[str, str | None]]:
    """The lines of `_text` with their colours."""
    return ((line, _COLOURS[worst] if worst else None) for line, worst in _lines(result))


def _lines(result: Audit) -> Iterator[tuple[str, Severity | None]]:
    """The lines of the text, each with its severity, if it has one."""
    summary = result.summary
    table = columns([_HEADER, *map(_cells, result.agents)]).split("\n")
    yield table[0], None
    for row, line in zip(result.agents, table[1:], strict=True):
        yield line, row.findings[0].severity if row.findings else None
    yield "", None
    for line in _finding_lines(result):
        yield line, next((severity for severity in SEVERITIES if line.startswith(f"{severity}  ")), None)
    counts = f"{summary.critical} critical, {summary.warning} warnings, {summary.notice} notices"
    omitted = f"; {summary.omitted} agents are not listed" if summary.omitted else ""
    verdicts = f"{summary.clean} of {summary.agents} agents clean, {summary.trouble} in trouble"
    yield f"{verdicts}, {summary.unknown} not known; {counts}{omitted}", None


def _cells(row: Row) -> tuple[str, ...]:
    guard = f"{row.guard} {row.guard_tested[5:10]}" if row.guard_tested else row.guard
    sessions = f"{row.sessions}, {row.waiting} waiting" if row.waiting not in (None, 0, "unknown") else row.sessions
    codes = ", ".join(dict.fromkeys((*(finding.code for finding in row.findings), *row.shared)))
    distance = (row.ahead, row.behind, row.dirty, row.unpushed)
    cells = (row.agent, row.branch or "(none)", *distance, row.config, row.login, guard, sessions, row.disk_mb)
    shown = ("?" if cell == "unknown" else "-" if cell is None else visible(str(cell)) for cell in cells)
    return (*shown, codes or "-")


def _finding_lines(result: Audit) -> Iterator[str]:
    """The findings with their next steps, worst first, grouped by code."""
    found = [("fleet", finding) for finding in result.findings]
    found += [(row.agent, finding) for row in result.agents for finding in row.findings]
    for severity in SEVERITIES:
        for code in dict.fromkeys(finding.code for _, finding in found if finding.severity == severity):
            yield f"{severity}  {code}"
            same = [(agent, one) for agent, one in found if (one.code, one.severity) == (code, severity)]
            for step, some in groupby(same, lambda pair: pair[1].next):
                yield from (f"  {agent}: {finding.message}" for agent, finding in some)
                yield f"    Next: {step}"
            yield ""


FLEET_AUDIT = Operation(
    name="fleet_audit",
    title="Audit the fleet",
    summary="Audits every agent's clone, config, login, guard and sessions, and the docs' indexes: what is wrong and "
    'the next step. What could not be looked at is "unknown". Changes nothing.',
    effect=Effect.READ,
    params=AuditParams,
    run=_audit,
    text=_text,
    coloured=_coloured,
    ok=lambda result: not (result.summary.critical or result.summary.warning or result.summary.unknown),
    positional=("agents",),
    open_world=True,
    grows=True,
)
