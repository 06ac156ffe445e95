"""The composition root: real adapters, and the context of one call."""

import sys
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from mcp_server.clients.run_claude import OfficialClaude
from mcp_server.clients.run_gemini import GeminiCli
from mcp_server.fleet.discovery import locate
from mcp_server.kernel.state_folder import state_folder
from mcp_server.logins.other_login import FOLDERS
from mcp_server.logins.shadowing import shadows
from mcp_server.operation.context import Context
from mcp_server.operation.world import World
from mcp_server.search.index_cache import IndexCache
from mcp_server.server.catalogue import offered
from mcp_server.system.cache import Cache
from mcp_server.system.disk_files import DiskFiles
from mcp_server.system.docker import DockerContainers
from mcp_server.system.gh import GhHub
from mcp_server.system.git.git_python import GitPythonGit
from mcp_server.system.http import HttpxHttp
from mcp_server.system.machine import DuDisk, ProcProcesses, SystemClock
from mcp_server.system.programs import become, consult, installed_version, run_check
from mcp_server.system.terminal import ask_in_terminal, secret_of


@cache
def _indexes(state: Path) -> IndexCache:
    """One for all calls of this process: it keeps what it built."""
    files = DiskFiles(state)
    return IndexCache(files, Cache(files, state))


def context_of(
    environment: Mapping[str, str], cwd: Path, *, fleet: Path | None = None, agent: str | None = None
) -> Context:
    """The context of one call by a process with this environment and folder; the fleet is located when asked for."""
    home = Path(environment.get("HOME") or Path.home())
    state = state_folder(environment, home)
    files, git = DiskFiles(state), GitPythonGit(environment)
    world = World(
        files=files,
        git=git,
        hub=GhHub(environment),
        claude=OfficialClaude(environment, state),
        processes=ProcProcesses(shadows, FOLDERS),
        disk=DuDisk(),
        containers=DockerContainers(environment),
        indexes=_indexes(state),
        http=HttpxHttp(),
        research=GeminiCli(environment),
        clock=SystemClock(),
        become=become,
        consult=partial(consult, environment=environment),
        version=partial(installed_version, environment=environment),
        check=partial(run_check, environment=environment),
        secret=partial(secret_of, environment=environment),
        ask=ask_in_terminal,
        terminal=sys.stdin is not None and sys.stdin.isatty(),
        environment=environment,
        cwd=cwd,
        home=home,
        state=state,
        pack=Path(__file__).resolve().parents[2],
    )
    return Context(
        world,
        lambda: locate(files, environment, cwd, fleet),
        agent or environment.get("AGENT_NAME") or None,
        offered(),
    )
