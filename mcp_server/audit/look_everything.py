"""Collects what every package contributes to an audit. A part that cannot be looked at never stops the others."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mcp_server.activity.look_sessions import Session, sessions
from mcp_server.configs.findings import config_findings
from mcp_server.fleet.findings import env_findings
from mcp_server.guard.findings import guard_findings
from mcp_server.kernel.cancellation import in_same_call
from mcp_server.kernel.finding import Concern, Contribution, Finding
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.findings import index_findings
from mcp_server.logins.findings import login_findings
from mcp_server.operation.context import Context
from mcp_server.workflow.findings import clone_findings, lock_findings
from mcp_server.workflow.look_clones import Look, is_present, look_at_clones
from mcp_server.workflow.look_git_locks import locks_in

_DISK_SECONDS = 2.0
"How long measuring the agents' folders may take."
_LEAST_FREE = 1 << 30


@dataclass(frozen=True)
class AuditInputs:
    """What the packages contributed. `columns` maps a column and an agent's name to a value, if it is known."""

    clones: Mapping[str, Look]
    columns: Mapping[str, Mapping[str, str]]
    sessions: Mapping[str, tuple[Session, ...]]
    disk: Mapping[Path, int]
    "Bytes that each folder takes."
    concerns: tuple[Concern, ...]

    def value(self, column: str, agent: Agent) -> str | None:
        """What a column shows for an agent; None where it is unknown."""
        return self.columns.get(column, {}).get(agent.name)


def collect(ctx: Context, agents: Sequence[Agent], *, ask: bool) -> AuditInputs:
    """The inputs for an audit of `agents`. Every clone of the fleet is read: one may have fetched what another lacks.

    Args:
        ctx: The call.
        agents: The agents to audit.
        ask: Whether to ask the git origins too.
    """
    with ThreadPoolExecutor(1) as pool:
        measuring = pool.submit(in_same_call(ctx.world.disk.used), [agent.folder for agent in agents], _DISK_SECONDS)
        locks = {agent.name: locks_in(ctx.world, agent.folder) for agent in agents}
        step = ctx.steps(len(ctx.fleet.agents), "clones")
        clones = look_at_clones(ctx.world.git, ctx.fleet.agents, ask=ask, step=step)
        disk = measuring.result()
    present = [agent for agent in agents if is_present(clones[agent.name])]
    contributions = (
        clone_findings(ctx, clones, agents, ask=ask),
        lock_findings(ctx, locks),
        _disk_findings(ctx),
        config_findings(ctx, present),
        env_findings(ctx, present),
        login_findings(ctx, agents),
        guard_findings(ctx, present),
        index_findings(ctx),
    )
    columns = {name: values for part in contributions for name, values in part.columns.items()}
    concerns = tuple(concern for part in contributions for concern in part.concerns)
    return AuditInputs(clones, columns, _sessions(ctx), disk, concerns)


def _sessions(ctx: Context) -> Mapping[str, tuple[Session, ...]]:
    """The sessions of each agent whose processes could be seen."""
    found: dict[str, tuple[Session, ...]] = dict.fromkeys(ctx.running, ())
    for session in sessions(ctx):
        found[session.agent] = (*found[session.agent], session)
    return found


def _disk_findings(ctx: Context) -> Contribution:
    free = ctx.world.disk.free(ctx.fleet.root)
    if free is None or free >= _LEAST_FREE:
        return Contribution(())
    message = f"{free >> 20} MiB are free on the disk of {ctx.fleet.root}"
    return Contribution((Concern((), Finding("disk_low", "warning", message, "ops runbook read disk-full")),))
