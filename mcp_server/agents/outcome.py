"""What a command did about each of several agents. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mcp_server.kernel.document import columns
from mcp_server.kernel.inventory import Client


@dataclass(frozen=True)
class Outcome:
    """One agent. `left`: nothing was done about it, because of `what`."""

    agent: str
    client: Client
    state: Literal["started", "stopped", "left", "failed"]
    since: datetime | None
    what: str


@dataclass(frozen=True)
class Outcomes:
    agents: tuple[Outcome, ...]
    next: str | None

    @property
    def text(self) -> str:
        rows = columns([(each.agent, each.state, each.what) for each in self.agents])
        return f"{rows}\nNext: {self.next}" if self.next else rows
