"""The policy's verdict on a command line or a file's new text, for an agent in a folder of this host."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mcp_server.guard.line import Line, check
from mcp_server.guard.look_repositories import DiskScene
from mcp_server.guard.policy import Actor, Verdict
from mcp_server.guard.shell.state import Shell
from mcp_server.kernel.inventory import Fleet, role_of
from mcp_server.kernel.policy import Policy
from mcp_server.system.files import Files


@dataclass(frozen=True)
class Asker:
    """Who asks, and where it stands. With `branch`, the clone there is taken to be on it."""

    files: Files
    home: Path
    fleet: Fleet | None
    cwd: Path
    agent: str | None = None
    "AGENT_NAME; without it the folder tells who acts."
    branch: str | None = None
    only: Path | None = None
    "Where anything is looked at; None: everywhere."
    gh: Path | None = None
    "The folder of gh's configuration."

    def on_line(self, command: str) -> Verdict:
        return check(command, str(self.cwd), self._scene(), self._actor(), self._policy())

    def on_write(self, path: str, text: str | None) -> Verdict:
        """`text` is what the file would hold; None where that is not known."""
        line = Line(self._scene(), self._actor(), self._policy())
        line.wrote(Shell(str(self.cwd)), path, text)
        return line.verdict()

    def _scene(self) -> DiskScene:
        root = self.fleet.root if self.fleet else None
        return DiskScene(self.files, self.cwd, self.home, root, self.branch, self.only, self.gh)

    def _policy(self) -> Policy:
        return self.fleet.policy if self.fleet else Policy()

    def _actor(self) -> Actor:
        known = self.fleet and (self.fleet.agent(self.agent) if self.agent else self.fleet.holding(self.cwd))
        if known:
            return Actor(known.name, known.role)
        return Actor(self.agent, role_of(self.agent) if self.agent else None)


def gh_folder(environment: Mapping[str, str], home: Path) -> Path:
    """Where gh keeps its configuration."""
    named = environment.get("GH_CONFIG_DIR")
    return Path(named) if named else Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "gh"
