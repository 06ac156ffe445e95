"""Everything outside this process that an operation may touch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the help of a command needs no adapter
    from collections.abc import Callable, Mapping, Sequence

    from mcp_server.clients.run_claude import OfficialClaude
    from mcp_server.clients.run_gemini import GeminiCli
    from mcp_server.kernel.secret import Secret
    from mcp_server.search.look_index import IndexCache
    from mcp_server.system.clock import Clock
    from mcp_server.system.containers import Containers
    from mcp_server.system.disk import Disk
    from mcp_server.system.files import Files
    from mcp_server.system.git.git import Git
    from mcp_server.system.github import GitHub
    from mcp_server.system.http import Http
    from mcp_server.system.processes import Processes
    from mcp_server.system.programs import Completed
    from mcp_server.system.tmux import Tmux


@dataclass(frozen=True)
class World:
    """Everything outside this process that an operation may touch."""

    files: Files
    git: Git
    github: GitHub
    claude: OfficialClaude
    processes: Processes
    tmux: Tmux
    disk: Disk
    containers: Containers
    indexes: IndexCache
    http: Http
    research: GeminiCli
    clock: Clock
    replace_process: Callable[[Sequence[str], Mapping[str, str], Path], None]
    "Replace this process by a command, with exactly this environment, in this folder; returns only by an `OpsError`."
    run_program: Callable[[Sequence[str], str, Path], Completed]
    "Run a command to its end in a folder, with this text on its standard input, for at most 30 s."
    installed_version: Callable[[str], str | None]
    "The version of an installed client (`codex`, `gemini`), without starting it; None if its files do not say."
    run_check: Callable[[str, Path], tuple[int, str]]
    "Run a check from a page in a folder; returns its exit code and the end of its output."
    secret: Callable[[str], Secret | None]
    "The secret that the user keeps under this name in the environment or in the keyring."
    ask: Callable[[str], str]
    "Ask the person at this process's terminal, and return the line that they typed; `denied` without a terminal."
    tell: Callable[[str], None]
    "Show the person a line on standard error, before this process is replaced."
    environment: Mapping[str, str]
    cwd: Path
    home: Path
    state: Path
    "`OPS_HOME`: locks, last-applied configs, backups, logs."
    pack: Path
    "The root folder of this plugin, which has `runbooks/`."
    etc: Path = Path("/etc")
    "The folder of settings that apply to all users of the host."
    terminal: bool = False
    "Whether standard input is a terminal."
