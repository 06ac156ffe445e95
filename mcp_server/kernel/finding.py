"""Findings of an audit: a code to act on, a severity, a message, and the one next step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mcp_server.kernel.errors import OpsError

Severity = Literal["critical", "warning", "notice"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "notice")
"The most severe first."


@dataclass(frozen=True)
class Finding:
    """One problem. `code` is stable, and runbooks are found by it; `next` is one thing to do."""

    code: str
    severity: Severity
    message: str
    next: str
    unknown: bool = field(default=False, repr=False)
    "Whether it says that something could not be looked at, and not that something is wrong."

    @classmethod
    def unread(cls, code: str, error: OpsError) -> "Finding":
        """The finding for something that could not be read."""
        return cls(code, "warning", error.message, error.next, unknown=True)


@dataclass(frozen=True)
class Hazard:
    """A risk for logins that affects several agents at once."""

    code: str
    agents: tuple[str, ...]
    message: str
    next: str


@dataclass(frozen=True)
class Concern:
    """A finding and the agents it is about; no agents: it is about the fleet."""

    agents: tuple[str, ...]
    finding: Finding


@dataclass(frozen=True)
class Contribution:
    """What one package adds to an audit: its findings, and what each of its columns shows for each agent.

    An agent that could not be looked at is missing from the column.
    """

    concerns: tuple[Concern, ...]
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
