"""The variables that an agent's `.env` sets, and the folders it names with them."""

from collections.abc import Collection
from pathlib import Path

from mcp_server.clients.claude import STORE_VARIABLES
from mcp_server.fleet.env_file import EnvFile, parse
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.world import World


def env_of(world: World, agent: Agent) -> EnvFile:
    """The agent's `.env`, empty if there is none; raises `OpsError` if it cannot be read."""
    return parse(_text(world, agent))


def env_folders(world: World, agent: Agent, variables: Collection[str] = STORE_VARIABLES) -> list[Path]:
    """The folder that the first of these variables set in the agent's `.env` names; a relative path is ignored.

    Empty for an agent in Docker, whose `.env` is about paths in its container, and for a `.env` that cannot be read:
    the hazards of the logins report that file.
    """
    if agent.run_mode == "docker":
        return []
    try:
        text = _text(world, agent)
    except OpsError:
        return []
    if not any(name in text for name in variables):  # the usual case, in which nothing needs parsing
        return []
    env = parse(text)
    folders = (Path(value.reveal()) for name in variables if (value := env.get(name)))
    return [folder for folder in folders if folder.is_absolute()][:1]


def _text(world: World, agent: Agent) -> str:
    try:
        return world.files.read_text(agent.env_file)
    except OpsError as error:
        if error.kind == "not_found":
            return ""
        raise
