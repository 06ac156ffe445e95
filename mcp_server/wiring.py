"""The composition root: real adapters, and the context of one call."""

import sys
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from mcp_server.adapters.claude import OfficialClaude
from mcp_server.adapters.discovery import locate
from mcp_server.adapters.docker import DockerContainers
from mcp_server.adapters.files import DiskFiles
from mcp_server.adapters.gemini import GeminiCli
from mcp_server.adapters.gh import GhHub
from mcp_server.adapters.git import GitPythonGit
from mcp_server.adapters.grant import RefreshGrants
from mcp_server.adapters.host import DuDisk, ProcProcesses, SystemClock
from mcp_server.adapters.http import HttpxHttp
from mcp_server.adapters.index_cache import IndexCache
from mcp_server.adapters.launch import become, consult, installed_version, run_check
from mcp_server.adapters.operator import ask_in_terminal, secret_of
from mcp_server.catalogue import offered
from mcp_server.domain.places import state_folder
from mcp_server.ports import Context, World


@cache
def _indexes(state: Path) -> IndexCache:
    """One for all calls of this process: it keeps what it built."""
    return IndexCache(DiskFiles(state), state / "cache")


def context_of(
    environment: Mapping[str, str], cwd: Path, *, fleet: Path | None = None, agent: str | None = None
) -> Context:
    """The context of one call by a process with this environment and folder; the fleet is located when asked for."""
    home = Path(environment.get("HOME") or Path.home())
    state = state_folder(environment, home)
    files, git = DiskFiles(state), GitPythonGit(environment)
    http = HttpxHttp()
    world = World(
        files=files,
        git=git,
        hub=GhHub(environment),
        claude=OfficialClaude(environment, state),
        processes=ProcProcesses(),
        disk=DuDisk(),
        containers=DockerContainers(environment),
        indexes=_indexes(state),
        http=http,
        grants=RefreshGrants(files, http, state),
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
        pack=Path(__file__).resolve().parent.parent,
    )
    return Context(
        world,
        lambda: locate(files, environment, cwd, fleet),
        agent or environment.get("AGENT_NAME") or None,
        offered(),
    )
