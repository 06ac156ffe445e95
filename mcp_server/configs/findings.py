"""Audit findings about the agents' configs."""

from collections.abc import Sequence
from shlex import quote

from mcp_server.configs.look_configs import ConfigLook, look
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Concern, Contribution, Finding
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context

_MOST_POINTERS = 3


def config_findings(ctx: Context, agents: Sequence[Agent]) -> Contribution:
    """The state of each agent's config, and what is wrong with it; no states if the master cannot be read."""
    try:
        looks = look(ctx, tuple(agents))
    except OpsError as error:
        return Contribution((Concern((), Finding.unread("master_unreadable", error)),))
    concerns = tuple(Concern((each.file.agent.name,), finding) for each in looks if (finding := _finding(each)))
    return Contribution(concerns, {"config": {each.file.agent.name: each.state for each in looks}})


def _finding(look: ConfigLook) -> Finding | None:
    """A config that differs from the master, is missing or cannot be read."""
    if look.problem is not None:
        missing = look.state == "absent"
        code, severity = ("config_missing", "warning") if missing else ("config_unreadable", "critical")
        return Finding(code, severity, look.problem.message, look.problem.next)
    if not look.changes:
        return None
    pointers = [f"{change.pointer} {change.state}" for change in look.changes]
    more = f" and {len(pointers) - _MOST_POINTERS} more" if len(pointers) > _MOST_POINTERS else ""
    message = f"differs from the master: {', '.join(pointers[:_MOST_POINTERS])}{more}"
    return Finding("config_drift", "warning", message, f"ops config plan {quote(look.file.agent.name)}")
