"""What an agent is started with, and the files in its clone that git must not see. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mcp_server.clients import claude, codex, gemini
from mcp_server.fleet.environment import AgentEnvironment
from mcp_server.kernel.inventory import Client

PRIVATE: Final = (".env", claude.CONFIG_FILE, claude.STORE_FILE)
"The private files of a clone: keys, a config, and a login that was copied there."
IGNORED: Final = ("/.env", f"/{claude.CONFIG_FILE}*", f"/{claude.STORE_FILE}")
"Lines for `.git/info/exclude` that cover them."
PROGRAMS: Final[Mapping[Client, tuple[str, ...]]] = {
    "claude": (claude.PROGRAM,),
    "codex": codex.START,
    "gemini": (gemini.PROGRAM,),
}


@dataclass(frozen=True)
class AgentStart:
    """How one agent is started.

    `variables` are set by ops, those in `from_env_file` come from the agent's `.env`, and those in `withheld` do not
    reach it. `revealing` is the command that prints the values of the `.env` too.
    """

    agent: str
    folder: Path
    command: tuple[str, ...]
    variables: Mapping[str, str]
    from_env_file: tuple[str, ...]
    withheld: tuple[str, ...]
    revealed: bool
    revealing: str
    environment: AgentEnvironment = field(repr=False)
    "All of the above with reasons and values; never part of an answer."
