"""Audit findings about the agents' configs."""

from collections.abc import Mapping, Sequence
from shlex import quote
from typing import Final

from mcp_server.configs.look_configs import ConfigLook, ConfigState, look
from mcp_server.configs.look_settings import settings_files, settings_hazards
from mcp_server.configs.three_way import SEVERITY
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Concern, Contribution, Finding, Severity
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context

_MOST_POINTERS = 3
_CODES: Final[Mapping[str, tuple[str, Severity]]] = {
    "absent": ("config_missing", "warning"),
    "unreadable": ("config_unreadable", "critical"),
    "unknown": ("config_unknown", "warning"),
}


def config_findings(ctx: Context, agents: Sequence[Agent]) -> Contribution:
    """The state of each agent's config, and what is wrong with it; no states if the master cannot be read."""
    hazards = tuple(
        Concern(file.agents, finding)
        for file in settings_files(ctx, agents)
        for finding in settings_hazards(ctx, file)
    )
    try:
        looks = look(ctx, tuple(agents))
    except OpsError as error:
        unreadable = Concern((), Finding.unread("master_unreadable", error))
        return Contribution((unreadable, *hazards))
    concerns = tuple(Concern((each.file.agent.name,), finding) for each in looks if (finding := _finding(each)))
    worst_last = sorted(looks, key=lambda each: _SEVERITY.index(each.state))
    states = {each.file.agent.name: each.state for each in worst_last}
    return Contribution((*concerns, *hazards), {"config": states})


_SEVERITY: Final[tuple[ConfigState, ...]] = (*SEVERITY, "absent", "unknown", "unreadable")


def _finding(look: ConfigLook) -> Finding | None:
    """A config that differs from the master, is missing or cannot be read."""
    if look.problem is not None:
        code, severity = _CODES[look.state]
        return Finding(code, severity, look.problem.message, look.problem.next, unknown=look.state == "unknown")
    if not look.changes:
        return None
    pointers = [f"{change.pointer} {change.state}" for change in look.changes]
    more = f" and {len(pointers) - _MOST_POINTERS} more" if len(pointers) > _MOST_POINTERS else ""
    what = "" if look.file.kind == look.file.agent.client else f"{look.file.name} "
    message = f"{what}differs from the master: {', '.join(pointers[:_MOST_POINTERS])}{more}"
    return Finding("config_drift", "warning", message, f"ops config plan {quote(look.file.agent.name)}")
