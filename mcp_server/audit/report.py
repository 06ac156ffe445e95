"""The audit's answer: one row per agent with its findings, the fleet's own findings, and a summary."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from mcp_server.activity.look_sessions import Session
from mcp_server.clients.tested import version_numbers
from mcp_server.kernel.document import MOST_ROWS, notable_rows
from mcp_server.kernel.finding import SEVERITIES, Concern, Finding
from mcp_server.kernel.humanize import agent_names
from mcp_server.kernel.inventory import Agent, RunMode
from mcp_server.workflow.look_clones import Clone, Look

_FEW = 3
"A finding about more agents than this is shown once, for the fleet. A step is spelled out for this many agents."

_LOOKS = (
    "run_mode",
    "ahead",
    "behind",
    "dirty",
    "unpushed",
    "config",
    "login",
    "guard",
    "sessions",
    "client",
    "disk_mb",
)
'The columns that are "unknown" where a look was not possible.'

Unknown = Literal["unknown"]
Verdict = Literal["clean", "trouble", "unknown"]


@dataclass(frozen=True)
class Row:
    """One agent.

    `branch` is None on a detached HEAD. `ahead` and `behind` count against origin's branch as last fetched;
    `unpushed` counts the commits that no branch of origin has. `guard_tested` is when git last ran the hooks in a
    test. `waiting` counts the sessions that wait for their human. `client` is the version that the oldest session
    runs, or without a session the installed one (`absent` if there is none). `disk_mb` is the size of the agent's
    folder. `sessions`, `waiting` and `client` are None for a container, in which they are not looked at. `shared` has
    the codes of the fleet's findings that are about this agent.
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
    guard: str
    guard_tested: str | None
    sessions: int | Unknown | None
    waiting: int | Unknown | None
    client: str | None
    disk_mb: int | Unknown
    findings: tuple[Finding, ...]
    shared: tuple[str, ...]
    verdict: Verdict = field(repr=False)


@dataclass(frozen=True)
class Summary:
    """Each agent is counted once. `clean`: everything was looked at, and nothing was found; `trouble`: something was
    found; `unknown`: nothing was found, but not everything could be looked at.

    `omitted` agents are counted here but have no row, because the answer would be too long.
    """

    agents: int
    clean: int
    trouble: int
    unknown: int
    omitted: int
    critical: int
    warning: int
    notice: int
    codes: Mapping[str, int]


@dataclass(frozen=True)
class Audit:
    """`findings` are those of the fleet as a whole; each row has its agent's own."""

    root: Path
    agents: tuple[Row, ...]
    findings: tuple[Finding, ...]
    summary: Summary


@dataclass(frozen=True)
class AuditInputs:
    """What the packages contributed. `columns` maps a column and an agent's name to a value, if it is known."""

    clones: Mapping[str, Look]
    columns: Mapping[str, Mapping[str, str]]
    sessions: Mapping[str, tuple[Session, ...]]
    disk: Mapping[Path, int]
    "Bytes that each folder takes."
    installed: Mapping[str, str | None]
    "Version of each client on this host."
    concerns: tuple[Concern, ...]

    def value(self, column: str, agent: Agent) -> str | None:
        """What a column shows for an agent; None where it is unknown."""
        return self.columns.get(column, {}).get(agent.name)


def report(root: Path, agents: Sequence[Agent], inputs: AuditInputs, most: int | None = MOST_ROWS) -> Audit:
    """The audit of these agents, of which up to `most` are listed; findings about other agents only are left out."""
    names = {agent.name for agent in agents}
    concerns = [c for c in inputs.concerns if not c.agents or names & set(c.agents)]
    shared = tuple(map(_of_the_fleet, (c for c in concerns if not c.agents or len(c.agents) > _FEW)))
    rows: Sequence[Row] = [_judged(_row(agent, inputs, concerns), concerns) for agent in agents]
    rows = rows if most is None else _with_steps_once(rows)
    listed = notable_rows(rows, lambda row: row.verdict == "clean", most)
    return Audit(root, listed, shared, _summary(rows, shared, len(rows) - len(listed)))


def _of_the_fleet(concern: Concern) -> Finding:
    about = f" ({agent_names(concern.agents)})" if concern.agents else ""
    return replace(concern.finding, message=concern.finding.message + about)


def _row(agent: Agent, inputs: AuditInputs, concerns: Sequence[Concern]) -> Row:
    used, sessions = inputs.disk.get(agent.folder), inputs.sessions.get(agent.name)
    sessions = None if agent.run_mode == "unknown" else sessions
    about = [concern for concern in concerns if agent.name in concern.agents]
    findings = [concern.finding for concern in about if len(concern.agents) <= _FEW]
    hosted = agent.run_mode != "docker"
    return Row(
        agent.name,
        agent.role,
        agent.run_mode,
        *_clone_cells(inputs.clones[agent.name]),
        config=inputs.value("config", agent) or "unknown",
        login=inputs.value("login", agent) or "unknown",
        guard=inputs.value("guard", agent) or "unknown",
        guard_tested=inputs.value("guard_tested", agent),
        sessions=None if not hosted else "unknown" if sessions is None else len(sessions),
        waiting=None if not hosted else "unknown" if sessions is None else sum(each.waiting for each in sessions),
        client=_client(agent, sessions or (), inputs.installed),
        disk_mb="unknown" if used is None else -(-used >> 20),
        findings=tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))),
        shared=tuple(dict.fromkeys(concern.finding.code for concern in about if len(concern.agents) > _FEW)),
        verdict="clean",
    )


def _judged(row: Row, concerns: Sequence[Concern]) -> Row:
    """The row with its verdict: by its own findings, by the fleet's that are about it, and by what is unknown."""
    about = [concern.finding for concern in concerns if row.agent in concern.agents]
    if any(not finding.unknown for finding in about):
        return replace(row, verdict="trouble")
    unseen = about or any(getattr(row, name) == "unknown" for name in _LOOKS)
    return replace(row, verdict="unknown") if unseen else row


def _client(agent: Agent, sessions: Sequence[Session], installed: Mapping[str, str | None]) -> str | None:
    """The version of the agent's client; inside a container it is not looked at."""
    if sessions:
        return min((session.version for session in sessions), key=version_numbers) or "unknown"
    version = installed[agent.client]
    if agent.run_mode != "host":
        return None if agent.run_mode == "docker" else "unknown"
    return "absent" if version is None else version or "unknown"


_Count = int | Unknown


def _clone_cells(look: Look) -> tuple[str | None, _Count, _Count, _Count, _Count]:
    if not isinstance(look, Clone):
        return "unknown", "unknown", "unknown", "unknown", "unknown"
    state = look.state
    return state.branch, _known(look.ahead), _known(look.behind), _known(state.dirty), _known(state.unpushed)


def _known(count: int | None) -> int | Unknown:
    return "unknown" if count is None else count


def _with_steps_once(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The same step for many agents is spelled out for the first few; the others refer to them."""
    earlier: dict[tuple[str, str], list[str]] = {}

    def brief(agent: str, finding: Finding) -> Finding:
        step = re.sub(rf"(?<!\w){re.escape(agent)}(?!\d)", "", finding.next)
        before = earlier.setdefault((finding.code, step), [])
        before.append(agent)
        return finding if len(before) <= _FEW else replace(finding, next=f"As for {before[0]}")

    return tuple(replace(row, findings=tuple(brief(row.agent, f) for f in row.findings)) for row in rows)


def _summary(rows: Sequence[Row], shared: Sequence[Finding], omitted: int) -> Summary:
    findings = [*(finding for row in rows for finding in row.findings), *shared]
    severities = Counter(finding.severity for finding in findings)
    verdicts = Counter(row.verdict for row in rows)
    return Summary(
        agents=len(rows),
        clean=verdicts["clean"],
        trouble=verdicts["trouble"],
        unknown=verdicts["unknown"],
        omitted=omitted,
        critical=severities["critical"],
        warning=severities["warning"],
        notice=severities["notice"],
        codes=dict(Counter(finding.code for finding in findings).most_common()),
    )
