"""Every agent's clone, config and login in one answer: what stands, what is wrong with it, and the next step."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from mcp_server.activity.look_sessions import Session, numbers
from mcp_server.audit.look_everything import Looks, look_around
from mcp_server.kernel.document import telling
from mcp_server.kernel.finding import SEVERITIES, Concern, Finding
from mcp_server.kernel.humanize import named
from mcp_server.kernel.inventory import Agent, RunMode
from mcp_server.operation.context import Context
from mcp_server.system.git.git import Proof
from mcp_server.workflow.look_clones import Clone, Look

_FEW = 3
"A finding of more agents than this is told once, for the fleet; a step is spelled out for so many."

Unknown = Literal["unknown"]


@dataclass(frozen=True)
class Row:
    """One agent. `branch` is None on no branch; `ahead` and `behind` count against origin's branch as it is known.

    `unpushed` are commits that no branch of origin has. `guard_tested` is when git last tried the hooks. Of its
    `sessions`, `waiting` wait for their human; `client` is the version that the oldest runs, else the installed one.
    `disk_mb` is what its folder takes.
    """

    agent: str
    role: str
    run_mode: RunMode
    branch: str | None
    ahead: int | Unknown
    behind: int | Unknown
    dirty: int | Unknown
    unpushed: int | Unknown
    config: str
    login: str
    guard: Proof
    guard_tested: str | None
    sessions: int | Unknown
    waiting: int | Unknown
    client: str
    disk_mb: int | Unknown
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Summary:
    """`clean` agents have nothing found; the clones of `unknown` ones could not be looked at.

    `omitted` agents are counted here, and have no row in an answer that would grow too long.
    """

    agents: int
    clean: int
    unknown: int
    omitted: int
    critical: int
    warning: int
    notice: int
    codes: Mapping[str, int]


@dataclass(frozen=True)
class Audit:
    """`findings` are those of the fleet as a whole."""

    root: Path
    agents: tuple[Row, ...]
    findings: tuple[Finding, ...]
    summary: Summary


def audit(ctx: Context, agents: Sequence[Agent], *, ask: bool) -> Audit:
    """The audit of these agents; what concerns none of them is left out. With `ask` each origin is asked."""
    looks = look_around(ctx, agents, ask=ask)
    installed = {name: ctx.world.version(name) for name in ("codex", "gemini")}
    installed["claude"] = ctx.world.claude.version()
    names = {agent.name for agent in agents}
    concerns = [c for c in looks.concerns if not c.agents or names & set(c.agents)]
    shared = tuple(map(_of_the_fleet, (c for c in concerns if not c.agents or len(c.agents) > _FEW)))
    own = [c for c in concerns if 0 < len(c.agents) <= _FEW]
    rows = _with_steps_once([_row(agent, looks, own, installed) for agent in agents])
    told = telling(rows, lambda row: not row.findings)
    return Audit(ctx.fleet.root, told, shared, _summary(rows, shared, len(rows) - len(told)))


def _of_the_fleet(concern: Concern) -> Finding:
    about = f" ({named(concern.agents)})" if concern.agents else ""
    return replace(concern.finding, message=concern.finding.message + about)


def _row(agent: Agent, looks: Looks, concerns: Sequence[Concern], installed: Mapping[str, str | None]) -> Row:
    used, sessions = looks.disk.get(agent.folder), looks.sessions.get(agent.name)
    findings = [concern.finding for concern in concerns if agent.name in concern.agents]
    return Row(
        agent.name,
        agent.role,
        agent.run_mode,
        *_clone_cells(looks.clones[agent.name]),
        config=looks.configs.get(agent.name, "unknown"),
        login=looks.logins.get(agent.name, "unknown"),
        guard=looks.guards.get(agent.name, "unknown"),
        guard_tested=looks.tested.get(agent.name),
        sessions="unknown" if sessions is None else len(sessions),
        waiting="unknown" if sessions is None else sum(session.waiting for session in sessions),
        client=_client(agent, sessions or (), installed),
        disk_mb="unknown" if used is None else -(-used >> 20),
        findings=tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))),
    )


def _client(agent: Agent, sessions: Sequence[Session], installed: Mapping[str, str | None]) -> str:
    """The version of the agent's client; what a container runs is not looked at."""
    if sessions:
        return min((session.version for session in sessions), key=numbers) or "unknown"
    return (agent.run_mode == "host" and installed[agent.client]) or "unknown"


_Count = int | Unknown


def _clone_cells(look: Look) -> tuple[str | None, _Count, _Count, _Count, _Count]:
    if not isinstance(look, Clone):
        return "unknown", "unknown", "unknown", "unknown", "unknown"
    state = look.state
    return state.branch, _known(look.ahead), _known(look.behind), state.dirty, _known(state.unpushed)


def _known(count: int | None) -> int | Unknown:
    return "unknown" if count is None else count


def _with_steps_once(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The same step for many agents is spelled out for the first ones; the others are referred to them."""
    told: dict[tuple[str, str], list[str]] = {}

    def brief(agent: str, finding: Finding) -> Finding:
        step = re.sub(rf"(?<!\w){re.escape(agent)}(?!\d)", "", finding.next)
        before = told.setdefault((finding.code, step), [])
        before.append(agent)
        return finding if len(before) <= _FEW else replace(finding, next=f"As for {before[0]}")

    return tuple(replace(row, findings=tuple(brief(row.agent, f) for f in row.findings)) for row in rows)


def _summary(rows: Sequence[Row], shared: Sequence[Finding], omitted: int) -> Summary:
    findings = [*(finding for row in rows for finding in row.findings), *shared]
    severities = Counter(finding.severity for finding in findings)
    return Summary(
        agents=len(rows),
        clean=sum(not row.findings for row in rows),
        unknown=sum(row.dirty == "unknown" for row in rows),
        omitted=omitted,
        critical=severities["critical"],
        warning=severities["warning"],
        notice=severities["notice"],
        codes=dict(Counter(finding.code for finding in findings).most_common()),
    )
