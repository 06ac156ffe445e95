"""Collects what every package contributes to an audit. A part that cannot be looked at never stops the others."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from mcp_server.activity.look_sessions import Session, sessions, undated_sessions
from mcp_server.audit.findings import unseen_findings
from mcp_server.audit.report import Audit, AuditInputs, report
from mcp_server.guard.findings import guard_findings
from mcp_server.kernel.cancellation import in_same_call
from mcp_server.kernel.document import MOST_ROWS
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context
from mcp_server.workflow.findings import clone_findings
from mcp_server.workflow.look_clones import hooks_of, look_at_clones

_DISK_SECONDS = 5.0
"How long measuring the agents' folders may take."


def audit(ctx: Context, agents: Sequence[Agent], *, ask: bool) -> Audit:
    """Audit these agents; findings about other agents only are left out. With `ask`, each git origin is asked too."""
    return report(ctx.fleet.root, agents, collect(ctx, agents, ask=ask), ctx.most(MOST_ROWS))


def collect(ctx: Context, agents: Sequence[Agent], *, ask: bool) -> AuditInputs:
    """The inputs for an audit of `agents`. All clones are read, because one may have fetched what another lacks."""
    step = ctx.steps(len(ctx.fleet.agents), "clones")
    with ThreadPoolExecutor(2) as pool:
        measuring = pool.submit(in_same_call(ctx.world.disk.used), [agent.folder for agent in agents], _DISK_SECONDS)
        reading = pool.submit(in_same_call(look_at_clones), ctx.world.git, ctx.fleet.agents, ask=ask, step=step)
        from mcp_server.audit.look_beside_git import beside_git  # noqa: PLC0415  loads every package: git runs by now

        installed = _installed(ctx)
        contributions = beside_git(ctx, agents, installed)
        clones, disk = reading.result(), measuring.result()
    of_clones = clone_findings(ctx, clones, agents, ask=ask), guard_findings(ctx, agents, hooks_of(clones))
    contributions = (*of_clones, *contributions, unseen_findings(ctx, agents, disk))
    columns = {name: values for part in contributions for name, values in part.columns.items()}
    concerns = tuple(concern for part in contributions for concern in part.concerns)
    return AuditInputs(clones, columns, _sessions(ctx), disk, installed, concerns)


def _installed(ctx: Context) -> Mapping[str, str | None]:
    versions = {name: ctx.world.installed_version(name) for name in ("codex", "gemini")}
    return {**versions, "claude": ctx.world.claude.version()}


def _sessions(ctx: Context) -> Mapping[str, tuple[Session, ...]]:
    """The sessions of each agent whose processes could be seen and whose session files say when they started."""
    unknown = {session.agent for session in undated_sessions(ctx)}
    found: dict[str, tuple[Session, ...]] = {agent: () for agent in ctx.running if agent not in unknown}
    for session in sessions(ctx):
        if session.agent in found:
            found[session.agent] = (*found[session.agent], session)
    return found
