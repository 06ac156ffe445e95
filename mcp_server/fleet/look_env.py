"""The variables that an agent's `.env` sets, and the folders it names with them."""

import re
from collections.abc import Collection
from pathlib import Path

from mcp_server.clients.claude import STORE_VARIABLES
from mcp_server.fleet.env_file import EnvFile, parse
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.world import World

_HOME = re.compile(r"^(?:~|\$HOME|\$\{HOME\})(?=/|$)")


def env_of(world: World, agent: Agent) -> EnvFile:
    """The agent's `.env`, empty if there is none; raises `OpsError` if it cannot be read."""
    return parse(_text(world, agent.env_file))


def broken_line(world: World, path: Path, name: str) -> int | None:
    """The line in which the value of `name` in an environment file is broken off or goes on; None if it is whole."""
    try:
        text = _text(world, path)
    except OpsError:
        return None
    if name not in text:  # the usual case, in which nothing needs parsing
        return None
    env = parse(text)
    rest = (line for line in env.unread if (before := env.before(line)) and before.name == name)
    inside = (each.line for each in env.variables if each.name == name and len(each.value.reveal().split()) > 1)
    return next(rest, None) or next(inside, None)


def env_folders(world: World, agent: Agent, variables: Collection[str] = STORE_VARIABLES) -> list[Path]:
    """The folder that the first of these variables set in the agent's `.env` names; a relative path is ignored.

    Empty for an agent in Docker, whose `.env` is about paths in its container, and for a `.env` that cannot be read:
    the hazards of the logins report that file.
    """
    if agent.run_mode == "docker":
        return []
    try:
        text = _text(world, agent.env_file)
    except OpsError:
        return []
    if not any(name in text for name in variables):  # the usual case, in which nothing needs parsing
        return []
    env = parse(text)
    named = (value.reveal() for name in variables if (value := env.get(name)))
    folders = (Path(_HOME.sub(lambda _: str(world.home), name)) for name in named)
    return [folder for folder in folders if folder.is_absolute()][:1]


def _text(world: World, path: Path) -> str:
    try:
        return world.files.read_text(path)
    except OpsError as error:
        if error.kind == "not_found":
            return ""
        raise
