"""Which agent is the OPS worker: by its assigned role, its task or its name."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from mcp_server.kernel.inventory import Agent, role_of

OPS: Final = "ops"
Met = Literal["yes", "no", "unknown"]


@dataclass(frozen=True)
class Criterion:
    """One reason to be the OPS worker; any is enough. `unknown`: only the human or the agent itself knows."""

    criterion: str
    met: Met
    why: str


def criteria(name: str | None, agent: Agent | None) -> tuple[Criterion, ...]:
    """The criteria for the caller `name`; `agent` is its entry in the fleet, if it has one."""
    return (
        Criterion("the human assigned the role", *_assigned(agent)),
        Criterion(
            "the task is operational",
            "unknown",
            "you know it: deployment, infrastructure, observability, secrets, incidents, runbooks and releases are",
        ),
        Criterion("the name contains ops", *_named(name)),
    )


def is_ops(found: Collection[Criterion]) -> Met:
    """Yes if a criterion is met; no for a known agent with another role, whatever its task."""
    assigned, _, named = (one.met for one in found)
    return "yes" if "yes" in (assigned, named) else "no" if assigned == "no" else "unknown"


def _assigned(agent: Agent | None) -> tuple[Met, str]:
    if agent is None:
        return "unknown", "the caller is not a known agent: only the human in this session can assign the role"
    if agent.role == OPS == role_of(agent.name):
        return "unknown", "the fleet takes the role from the name"
    if agent.role == OPS:
        return "yes", f"the fleet gives {agent.name} the role ops"
    return "no", f"the fleet gives {agent.name} the role {agent.role}; what the human says here overrides it"


def _named(name: str | None) -> tuple[Met, str]:
    if name is None:
        return "unknown", "AGENT_NAME is not set, and this folder is not an agent's"
    return ("yes" if OPS in name.lower() else "no"), f"you are {name[:60]}"


def mark_missing(text: str, missing: Collection[str]) -> str:
    """`text`, the instructions of an OPS agent's session, with each missing document marked."""
    return "\n".join(f"{line} (missing)" if line[2:] in missing else line for line in text.splitlines())


def documents(text: str) -> tuple[str, ...]:
    """The documents that `text` asks an OPS agent to read first, as paths in its clone."""
    return tuple(line[2:] for line in text.splitlines() if line.startswith("- docs/"))
