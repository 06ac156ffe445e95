"""What an audit finds: a code to act on, a severity, a sentence, and the one next step."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "warning", "notice"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "notice")
"The gravest first."


@dataclass(frozen=True)
class Finding:
    """`code` is stable and is what runbooks are found by; `next` is one thing to do."""

    code: str
    severity: Severity
    message: str
    next: str


@dataclass(frozen=True)
class Hazard:
    """A danger to logins that concerns several agents at once."""

    code: str
    agents: tuple[str, ...]
    message: str
    next: str


@dataclass(frozen=True)
class Concern:
    """A finding, and the agents it is about; none: the fleet as such."""

    agents: tuple[str, ...]
    finding: Finding
