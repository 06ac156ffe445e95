"""What an audit is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mcp_server.activity.look_sessions import Session
from mcp_server.kernel.finding import Concern
from mcp_server.kernel.inventory import Agent
from mcp_server.workflow.look_clones import Look


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
