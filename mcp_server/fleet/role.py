"""Who the OPS worker is, and what it is told: by its name, by what `fleet.toml` assigns, or by its task."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from mcp_server.kernel.inventory import Agent, role_of

OPS: Final = "ops"
Met = Literal["yes", "no", "unknown"]


@dataclass(frozen=True)
class Criterion:
    """One reason to be the OPS worker; any of them is enough. `unknown` is what only the human or the agent knows."""

    criterion: str
    met: Met
    why: str


def criteria(name: str | None, agent: Agent | None) -> tuple[Criterion, ...]:
    """What speaks for it that the caller `name` is the OPS worker; `agent` is what the fleet knows of it."""
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
    """Yes for one criterion that is met; no for a known agent of another role, whatever task it has."""
    assigned, _, named = (one.met for one in found)
    return "yes" if "yes" in (assigned, named) else "no" if assigned == "no" else "unknown"


def _assigned(agent: Agent | None) -> tuple[Met, str]:
    if agent is None:
        return "unknown", "nobody knows which agent you are: only the human's word in this session tells"
    if agent.role == OPS == role_of(agent.name):
        return "unknown", "the fleet takes the role from the name"
    if agent.role == OPS:
        return "yes", f"the fleet gives {agent.name} the role ops"
    return (
        "no",
        f"the fleet gives {agent.name} the role {agent.role}; the human's word here goes before it",
    )


def _named(name: str | None) -> tuple[Met, str]:
    if name is None:
        return "unknown", "AGENT_NAME is not set, and this is no agent's folder"
    return ("yes" if OPS in name.lower() else "no"), f"you are {name[:60]}"


def told(text: str, missing: Collection[str]) -> str:
    """The context of an OPS agent's session: `text`, with each document that is not there marked."""
    return "\n".join(f"{line} (missing)" if line[2:] in missing else line for line in text.splitlines())


def documents(text: str) -> tuple[str, ...]:
    """The documents that `text` has an OPS agent read first, as paths in its clone."""
    return tuple(line[2:] for line in text.splitlines() if line.startswith("- docs/"))
