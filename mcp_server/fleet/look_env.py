"""The variables that an agent's `.env` sets, and the folders it names with them."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from mcp_server.clients.claude import STORE_VARIABLES
from mcp_server.fleet.env_file import EnvFile, parse
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.world import World

_UNKNOWN = re.compile(r"^~|[$`]")
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
    """The folder that the first of these variables set in the agent's `.env` names; a relative path starts at the
    folder of the agent, in which its client is started.

    Empty for an agent in Docker, whose `.env` is about paths in its container, and for a `.env` that cannot be read:
    the hazards of the logins report that file.
    """
    named = [path for path in _named(world, agent, variables).values() if not _UNKNOWN.search(path)][:1]
    folders = map(Path, named)
    return [each if each.is_absolute() else world.files.real(agent.folder / each) for each in folders]


def unexpanded(world: World, agent: Agent, variables: Collection[str] = STORE_VARIABLES) -> str | None:
    """The first of these variables whose folder is not known, as a shell would expand something in it."""
    named = _named(world, agent, variables).items()
    return next((name for name, path in named if _UNKNOWN.search(path)), None)


def _named(world: World, agent: Agent, variables: Collection[str]) -> Mapping[str, str]:
    """The paths that these variables have in the agent's `.env`, with HOME expanded."""
    if agent.run_mode == "docker":
        return {}
    try:
        text = _text(world, agent.env_file)
    except OpsError:
        return {}
    if not any(name in text for name in variables):  # the usual case, in which nothing needs parsing
        return {}
    env = parse(text)
    home = str(world.home)
    return {n: _HOME.sub(lambda _: home, value.reveal()) for n in variables if (value := env.get(n))}


def _text(world: World, path: Path) -> str:
    try:
        return world.files.read_text(path)
    except OpsError as error:
        if error.kind == "not_found":
            return ""
        raise
