"""Whether plain `claude` in an agent's folder starts the agent, and whether it ran there without that."""

import re
from pathlib import Path
from shlex import quote

from mcp_server.clients import claude
from mcp_server.fleet.look_home import users_folder
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.shims import START
from mcp_server.logins.look_startup_files import startup_files
from mcp_server.operation.context import Context

_FISH = ".config/fish/config.fish"


def becomes_agent(ctx: Context) -> bool:
    """Whether the wrapper is on the PATH here, or put there by a file that shells read at their start."""
    if any(folder.rstrip("/").endswith(START) for folder in ctx.world.environment.get("PATH", "").split(":")):
        return True
    return any(START in _text(ctx, path) for path in (*startup_files(ctx.world), ctx.world.home / _FISH))


def step_to_wrapper(ctx: Context) -> str:
    """The command that puts the wrapper first on the PATH of the user's next shells."""
    folder = ctx.world.pack / START
    shell = Path(ctx.world.environment.get("SHELL", "")).name
    line = f'export PATH={quote(str(folder))}:"$PATH"'
    if shell == "fish":
        return f"printf '%s\\n' {quote(f'fish_add_path --path --prepend {quote(str(folder))}')} >> ~/{_FISH}"
    return f"printf '%s\\n' {quote(line)} >> ~/{'.zshrc' if shell == 'zsh' else '.bashrc'}"


def plain_sessions(ctx: Context, agent: Agent) -> int:
    """How many transcripts the user's own config folder has of sessions in the agent's folder."""
    if agent.client != "claude" or agent.run_mode == "docker":
        return 0
    name = re.sub(r"[^A-Za-z0-9]", "-", str(ctx.world.files.real(agent.folder)))
    folder = users_folder(ctx) / claude.PROJECTS / name
    return sum(each.endswith(".jsonl") for each in ctx.world.files.names(folder))


def _text(ctx: Context, path: Path) -> str:
    try:
        return ctx.world.files.read_text(ctx.world.files.real(path))
    except OpsError:
        return ""
