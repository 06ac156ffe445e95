"""Settings of Claude Code that switch off what keeps an agent in bounds, in every file that it reads them from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from mcp_server.clients.claude import ALLOWS_ALL, CONFIG_DIR, CONFIG_FOLDER, HOOKS_OFF, PERMISSION_MODE, PERMISSIONS
from mcp_server.clients.claude import SETTINGS_FILE as FILE
from mcp_server.clients.claude_hook import LOCAL_SETTINGS, SETTINGS
from mcp_server.configs.look_file import decode
from mcp_server.fleet.look_env import env_folders
from mcp_server.fleet.look_home import home_of
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Finding
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.json_text import parse_object
from mcp_server.kernel.pointer import pointer, value_at
from mcp_server.operation.context import Context


@dataclass(frozen=True)
class SettingsFile:
    """A file of settings, and the agents that read it."""

    path: Path
    agents: tuple[str, ...]


def settings_files(ctx: Context, agents: Sequence[Agent]) -> tuple[SettingsFile, ...]:
    """The files with settings of these agents that exist."""
    found: dict[Path, list[str]] = {}
    for agent in (agent for agent in agents if agent.client == "claude"):
        for path in _paths(ctx, agent):
            if ctx.world.files.kind(path) != "absent":
                found.setdefault(ctx.world.files.real(path), []).append(agent.name)
    return tuple(SettingsFile(path, tuple(names)) for path, names in found.items())


def settings_hazards(ctx: Context, path: Path) -> Iterator[Finding]:
    """What is wrong with one file of settings."""
    try:
        text = decode(ctx.world.files.read(path))
        settings = parse_object(text, path) if text.strip() else {}
    except OpsError as error:
        why = f"Claude Code leaves out all of its hooks and permissions: {error.message}"
        yield Finding("settings_unreadable", "warning", why, error.next)
        return
    if settings.get(HOOKS_OFF) is True:
        why = f"{HOOKS_OFF} in {path}: no hook runs, and so the guard is not asked"
        yield Finding("hooks_off", "critical", why, _replaced(path, HOOKS_OFF, "true", "false"))
    if _mode(settings) == ALLOWS_ALL:
        why = f"{PERMISSION_MODE} in {path} is {ALLOWS_ALL}: the agent is never asked before it does something"
        yield Finding(
            "permissions_bypassed", "critical", why, _replaced(path, PERMISSION_MODE, f'"{ALLOWS_ALL}"', '"default"')
        )


def _mode(settings: dict[str, Json]) -> object:
    return value_at(settings, pointer(PERMISSIONS, PERMISSION_MODE))


def _replaced(path: Path, key: str, old: str, new: str) -> str:
    """A command that gives the key another value."""
    change = f's/("{key}"[[:space:]]*:[[:space:]]*){old}/\\1{new}/'
    return f"sed -E -i.before {quote(change)} {quote(str(path))} && rm {quote(f'{path}.before')}"


def _paths(ctx: Context, agent: Agent) -> Iterator[Path]:
    yield agent.folder / SETTINGS
    yield agent.folder / LOCAL_SETTINGS
    named = env_folders(ctx.world, agent, [CONFIG_DIR])
    if agent.run_mode == "host":
        yield from (folder / FILE for folder in named or (home_of(ctx, agent), ctx.world.home / CONFIG_FOLDER))
