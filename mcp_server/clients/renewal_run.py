"""What a run of Claude Code that was to renew a login left behind: its exit code, and what it said. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from mcp_server.clients import claude
from mcp_server.kernel.secrets.detector import scrub

_LONGEST: Final = 200


@dataclass(frozen=True)
class Run:
    """One run. `exit` is None if it was ended for taking too long; `said` is the end of its output, without secrets.

    `refused` is why the token server gave no token: an HTTP status as text, or what went wrong with the connection;
    None if Claude Code does not say.
    """

    exit: int | None
    said: str
    refused: str | None

    @property
    def status(self) -> int | None:
        """The HTTP status of the refusal."""
        return int(self.refused) if self.refused and self.refused.isdecimal() else None


def run_of(code: int | None, output: str, log: str) -> Run:
    """The run that ended with `code`; `log` is what Claude Code wrote to its debug log."""
    refusals = [found[1] or found[2] for found in claude.REFUSAL.finditer(log)]
    said = " ".join(scrub(output).split())
    return Run(code, said if len(said) <= _LONGEST else f"… {said[-_LONGEST:]}", _worded(refusals))


def _worded(refusals: list[str]) -> str | None:
    if not refusals:
        return None
    last = refusals[-1]
    status = re.search(r"status code (\d{3})", last)
    return status[1] if status else scrub(last)[:_LONGEST]
