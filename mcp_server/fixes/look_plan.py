"""The plan of the repairs: what an audit and a check of the docs find, with the steps for each finding."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mcp_server.audit.look_docs import docs_findings
from mcp_server.audit.look_fleet import collect
from mcp_server.fixes.look_repairs import steps_for
from mcp_server.fixes.repairs import LEFT, UNLESS
from mcp_server.fixes.steps import Fix
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Finding
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.look_pages import docs_clone
from mcp_server.operation.context import Context


class Left(NamedTuple):
    """A finding that a person has to look at, with the reason and the finding's own next step."""

    code: str
    agents: tuple[str, ...]
    message: str
    why: str
    next: str


class Plan(NamedTuple):
    fixes: tuple[Fix, ...]
    left: tuple[Left, ...]

    @property
    def digest(self) -> str:
        parts = [f"{fix.code}\0{fix.agent}\0{fix.message}\0{fix.steps!r}" for fix in self.fixes]
        return hashlib.sha256("\1".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def look(ctx: Context, codes: Sequence[str]) -> Plan:
    """The repairs of everything found, or of the findings with these codes."""
    fixes: list[Fix] = []
    left: dict[Left, list[str]] = {}
    for agent, finding in found(ctx):
        if codes and finding.code not in codes:
            continue
        name = agent.name if agent else ""
        why = LEFT.get(finding.code) or UNLESS.get(finding.code, "its own next step is needed first")
        try:
            steps = () if finding.code in LEFT else steps_for(ctx, agent, finding)
        except OpsError as error:
            steps, why = (), error.message
        if steps:
            fixes.append(Fix(finding.code, name, finding.message, tuple(steps)))
        else:
            rest = Left(finding.code, (), finding.message, why, finding.next)
            left.setdefault(rest, []).append(name)
    return Plan(_once(fixes), tuple(one._replace(agents=tuple(names)) for one, names in left.items()))


def found(ctx: Context) -> Iterator[tuple[Agent | None, Finding]]:
    """Every finding of the audit and of the docs, with the agent that it is about."""
    for concern in collect(ctx, ctx.fleet.agents, ask=False).concerns:
        for name in concern.agents or ("",):
            yield ctx.fleet.agent(name), concern.finding
    clone = docs_clone(ctx)
    holder = ctx.fleet.holding(clone) if clone else None
    for finding in docs_findings(ctx, clone):
        yield holder, finding


def _once(fixes: Sequence[Fix]) -> tuple[Fix, ...]:
    """One repair may mend several findings: the same steps are planned once."""
    seen: set[str] = set()
    kept: list[Fix] = []
    for fix in fixes:
        key = repr(fix.steps)
        if key not in seen:
            kept.append(fix)
        seen.add(key)
    return tuple(kept)
