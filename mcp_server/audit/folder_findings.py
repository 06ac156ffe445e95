"""What is wrong with the files that every agent's folder holds: `.env` and `.claude.json`."""

from collections.abc import Iterator
from shlex import quote

from mcp_server.configs.look_configs import ConfigLook
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Concern, Finding
from mcp_server.kernel.inventory import Agent, role_of
from mcp_server.logins.look_stores import environment_of
from mcp_server.operation.world import World

_MOST_POINTERS = 3


def environment_concerns(world: World, agent: Agent) -> Iterator[Concern]:
    """A missing `.env`, or one that gives the agent another's name. One that cannot be read is a hazard of logins."""
    try:
        if world.files.kind(agent.env_file) == "absent":
            step = f"Write it with mode 0600: AGENT_NAME={agent.name} and the keys of the role"
            yield Concern((agent.name,), Finding("env_missing", "notice", f"there is no {agent.env_file}", step))
            return
        name = environment_of(world, agent).get("AGENT_NAME")
    except OpsError:
        return
    if name and name.reveal() != agent.name:
        message = f"its .env gives it the name {name.reveal() if role_of(name.reveal()) else 'of no agent'}"
        step = f"Set AGENT_NAME={agent.name} in {agent.env_file}"
        yield Concern((agent.name,), Finding("name_differs", "warning", message, step))


def config_concern(look: ConfigLook) -> Concern | None:
    """A config that differs from the master, is missing or cannot be read."""
    name = look.file.agent.name
    if look.problem is not None:
        code = "config_missing" if look.state == "absent" else "config_unreadable"
        severity = "warning" if look.state == "absent" else "critical"
        return Concern((name,), Finding(code, severity, look.problem.message, look.problem.next))
    if not look.changes:
        return None
    pointers = [f"{change.pointer} {change.state}" for change in look.changes]
    more = f" and {len(pointers) - _MOST_POINTERS} more" if len(pointers) > _MOST_POINTERS else ""
    message = f"differs from the master: {', '.join(pointers[:_MOST_POINTERS])}{more}"
    return Concern((name,), Finding("config_drift", "warning", message, f"ops config plan {quote(name)}"))
