"""Settings of Claude Code that switch off what keeps an agent in bounds, in every file that it reads them from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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
from mcp_server.kernel.json_edit import line_of
from mcp_server.kernel.json_text import parse_object
from mcp_server.kernel.pointer import keys_of, pointer, value_at
from mcp_server.operation.context import Context

SWITCHES: Final = {"hooks_off": pointer(HOOKS_OFF), "permissions_bypassed": pointer(PERMISSIONS, PERMISSION_MODE)}
"By the code of the finding: what has to be removed."


@dataclass(frozen=True)
class SettingsFile:
    """A file of settings, and the agents that read it. `inside`: the folder of one of them that holds it, if any."""

    path: Path
    agents: tuple[str, ...]
    inside: Path | None


def settings_files(ctx: Context, agents: Sequence[Agent]) -> tuple[SettingsFile, ...]:
    """The files with settings of these agents that exist."""
    files, found, holders = ctx.world.files, dict[Path, list[str]](), dict[Path, Path]()
    users = files.real(ctx.world.home / CONFIG_FOLDER / FILE)
    for agent in (agent for agent in agents if agent.client == "claude"):
        for path in _paths(ctx, agent):
            if files.kind(path) == "absent":
                continue
            real, folder = files.real(path), files.real(_folder(agent, path))
            found.setdefault(real, []).append(agent.name)
            if real.is_relative_to(folder) and real != users:
                holders.setdefault(real, folder)
    return tuple(SettingsFile(path, tuple(names), holders.get(path)) for path, names in found.items())


def settings_hazards(ctx: Context, file: SettingsFile) -> Iterator[Finding]:
    """What is wrong with one file of settings."""
    path = file.path
    try:
        text = decode(ctx.world.files.read(path))
        settings = parse_object(text, path) if text.strip() else {}
    except OpsError as error:
        why = f"Claude Code leaves out all of its hooks and permissions: {error.message}"
        yield Finding("settings_unreadable", "warning", why, error.next)
        return
    if settings.get(HOOKS_OFF) is True:
        why = f"{HOOKS_OFF} in {path}: no hook runs, and so the guard is not asked"
        yield Finding("hooks_off", "critical", why, _step(file, "hooks_off", text))
    if _mode(settings) == ALLOWS_ALL:
        why = f"{PERMISSION_MODE} in {path} is {ALLOWS_ALL}: the agent is never asked before it does something"
        yield Finding("permissions_bypassed", "critical", why, _step(file, "permissions_bypassed", text))


def _mode(settings: dict[str, Json]) -> object:
    return value_at(settings, SWITCHES["permissions_bypassed"])


def _step(file: SettingsFile, code: str, text: str) -> str:
    """A command for a file that is an agent's own; the place in any other, which a person edits."""
    if file.inside:
        return f"ops fleet fix {code}"
    at = SWITCHES[code]
    return f"In an editor, remove {keys_of(at)[-1]} in line {line_of(text, at)} of {file.path}"


def _folder(agent: Agent, path: Path) -> Path:
    return agent.folder if path in (agent.folder / SETTINGS, agent.folder / LOCAL_SETTINGS) else path.parent


def _paths(ctx: Context, agent: Agent) -> Iterator[Path]:
    yield agent.folder / SETTINGS
    yield agent.folder / LOCAL_SETTINGS
    named = env_folders(ctx.world, agent, [CONFIG_DIR])
    if agent.run_mode == "host":
        yield from (folder / FILE for folder in named or (home_of(ctx, agent), ctx.world.home / CONFIG_FOLDER))
