"""Everything outside this process that an operation may touch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from mcp_server.clients.run_claude import OfficialClaude
from mcp_server.clients.run_gemini import GeminiCli
from mcp_server.kernel.secret import Secret
from mcp_server.search.page_folder import PageIndexes
from mcp_server.system.containers import Containers
from mcp_server.system.files import Files
from mcp_server.system.git.git import Git
from mcp_server.system.github import Hub
from mcp_server.system.http import Http
from mcp_server.system.processes import Disk, Processes
from mcp_server.system.programs import Consulted


class Clock(Protocol):
    def now(self) -> datetime:
        """The time in UTC."""
        ...


@dataclass(frozen=True)
class World:
    """Everything outside this process that an operation may touch."""

    files: Files
    git: Git
    hub: Hub
    claude: OfficialClaude
    processes: Processes
    disk: Disk
    containers: Containers
    indexes: PageIndexes
    http: Http
    research: GeminiCli
    clock: Clock
    become: Callable[[Sequence[str], Mapping[str, str], Path], None]
    "Replace this process by a command, with that environment alone, in that folder; returns only by an `OpsError`."
    consult: Callable[[Sequence[str], str, Path], Consulted]
    "Run a command to its end in a folder, with that text on its standard input; for half a minute at most."
    version: Callable[[str], str | None]
    "Of a client (`codex`, `gemini`) that is installed here, without starting it; None where its files do not tell."
    check: Callable[[str, Path], tuple[int, str]]
    "Run a check that a page names, in that folder: exit code and the end of its output."
    secret: Callable[[str], Secret | None]
    "What the operator keeps under this name in the environment or in the keyring."
    ask: Callable[[str], str]
    "Ask the person at this process's own terminal, and return the line that was typed; `denied` where there is none."
    environment: Mapping[str, str]
    cwd: Path
    home: Path
    state: Path
    "`OPS_HOME`: locks, last-applied configs, backups, logs."
    pack: Path
    "The root of this plugin: `runbooks/` lies there."
    etc: Path = Path("/etc")
    "Where the host's own settings lie, which reach all users."
    terminal: bool = False
    "Whether a person sits at our standard input."
