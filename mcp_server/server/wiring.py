"""Wires the real files, git, clients and other programs into the context of one call."""

import sys
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from mcp_server.clients.claude_variables import is_inherited
from mcp_server.clients.installed import installed_version
from mcp_server.clients.run_claude import OfficialClaude
from mcp_server.clients.run_gemini import GeminiCli
from mcp_server.fleet.look_fleet import locate
from mcp_server.kernel.state_folder import state_folder
from mcp_server.logins.codex_and_gemini import STORE_VARIABLES
from mcp_server.logins.shadowing import shadows
from mcp_server.operation.context import Context
from mcp_server.operation.world import World
from mcp_server.search.look_index import IndexCache
from mcp_server.server.catalogue import known_commands
from mcp_server.system.cache import Cache
from mcp_server.system.clock import SystemClock
from mcp_server.system.containers import Containers
from mcp_server.system.disk import Disk
from mcp_server.system.files import Files
from mcp_server.system.git.git import Git
from mcp_server.system.github import GitHub
from mcp_server.system.http import Http
from mcp_server.system.processes import Processes
from mcp_server.system.programs import replace_process, run_check, run_program
from mcp_server.system.terminal import ask_in_terminal, secret_of, tell
from mcp_server.system.tmux import Tmux


@cache
def _indexes(state: Path) -> IndexCache:
    """One cache for all calls of this process."""
    files = Files(state)
    return IndexCache(files, Cache(files, state))


def context_of(
    environment: Mapping[str, str], cwd: Path, *, fleet: Path | None = None, agent: str | None = None
) -> Context:
    """The context of one call by a process with this environment and folder. The fleet is located on first use."""
    home = Path(environment.get("HOME") or Path.home())
    state = state_folder(environment, home)
    files, git = Files(state), Git(environment)
    without_claude = {name: value for name, value in environment.items() if is_inherited(name)}
    world = World(
        files=files,
        git=git,
        github=GitHub(environment),
        claude=OfficialClaude(environment, state),
        processes=Processes(shadows, STORE_VARIABLES),
        tmux=Tmux(environment),
        disk=Disk(),
        containers=Containers(without_claude),
        indexes=_indexes(state),
        http=Http(),
        research=GeminiCli(environment),
        clock=SystemClock(),
        replace_process=replace_process,
        run_program=partial(run_program, environment=environment),
        installed_version=partial(installed_version, environment=environment),
        run_check=partial(run_check, environment=without_claude),
        secret=partial(secret_of, environment=environment),
        ask=ask_in_terminal,
        tell=tell,
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
        known_commands(),
    )
