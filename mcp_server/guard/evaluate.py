"""The verdict of the policy on a command line or on a write to a file."""

from dataclasses import dataclass
from pathlib import Path

from mcp_server.guard.line import Line, Repositories
from mcp_server.guard.policy import ALLOWED, Actor, Verdict
from mcp_server.guard.programs.table import run
from mcp_server.guard.programs.writes import judge_write
from mcp_server.guard.shell.state import Shell
from mcp_server.guard.shell.words import TooLongError
from mcp_server.kernel.inventory import Fleet, role_of
from mcp_server.kernel.policy import Policy


def evaluate(command: str, cwd: str, repositories: Repositories, actor: Actor, policy: Policy) -> Verdict:
    """The verdict on a command line that an agent is about to run in `cwd`."""
    return follow(Line(repositories, actor, policy, run, judge_write), command, cwd)


def follow(line: Line, command: str, cwd: str) -> Verdict:
    """The verdict on a command, followed from `cwd`."""
    try:
        line.walk.text(Shell(cwd), command)
    except TooLongError:
        line.record("opaque", detail="A line that takes too many steps to follow")
    except (RecursionError, LookupError, ValueError) as error:  # a defect of the guard must not let a line through
        line.record("opaque", detail=f"A line on which the guard fails ({type(error).__name__})")
    return line.verdict()


@dataclass(frozen=True)
class Evaluator:
    """Evaluates command lines and writes of one caller in the folder `cwd`."""

    repositories: Repositories
    fleet: Fleet | None
    cwd: Path
    agent: str | None = None
    "AGENT_NAME; without it the agent whose folder contains `cwd` is the one that acts."
    unread: str = ""
    "Why the policy of the fleet cannot be read. What it may be about is then asked."

    def command(self, text: str) -> Verdict:
        line = Line(self.repositories, self._actor(), self._policy(), run, judge_write)
        return self._unless_unread(line, follow(line, text, str(self.cwd)))

    def write(self, path: str, content: str | None) -> Verdict:
        """`content` is what the file would contain; None if that is not known."""
        line = Line(self.repositories, self._actor(), self._policy(), run, judge_write)
        line.write(Shell(str(self.cwd)), path, content)
        return self._unless_unread(line, line.verdict())

    def _unless_unread(self, line: Line, verdict: Verdict) -> Verdict:
        if self.unread and line.has_acted and verdict is ALLOWED:
            return Verdict("ask", "policy", f"The fleet's policy cannot be read: {self.unread}")
        return verdict

    def _policy(self) -> Policy:
        return self.fleet.policy if self.fleet else Policy()

    def _actor(self) -> Actor:
        known = self.fleet and (self.fleet.agent(self.agent) if self.agent else self.fleet.holding(self.cwd))
        if known:
            return Actor(known.name, known.role)
        return Actor(self.agent, role_of(self.agent) if self.agent else None)
