"""What an agent is started with, and the files in its clone that git must not see. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mcp_server.clients import claude, codex, gemini
from mcp_server.clients.claude import is_inherited
from mcp_server.kernel.inventory import Client
from mcp_server.kernel.secret import Secret

PRIVATE: Final = (".env", claude.CONFIG_FILE, claude.CONFIG_BACKUP, claude.STORE_FILE)
"The files of a clone that is a config folder, with configs and logins."
IGNORED: Final = ("/.env", *claude.WRITTEN_IN_CONFIG_FOLDER)
"Lines for `.git/info/exclude` that cover them, and what else Claude Code writes in its config folder."
PROGRAMS: Final[Mapping[Client, tuple[str, ...]]] = {
    "claude": (claude.PROGRAM,),
    "codex": codex.START,
    "gemini": (gemini.PROGRAM,),
}
# With these a `.env` could have other programs run than the operator's.
_LOADING: Final = re.compile(r"LD_\w+|DYLD_\w+|NODE_OPTIONS|PYTHON\w+|BASH_ENV|ENV|PATH|HOME|SHELL|IFS")


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
    values: Mapping[str, Secret] = field(repr=False)
    "The values of `from_env_file`; never part of an answer."


def is_allowed(name: str) -> bool:
    """Whether a variable of an agent's `.env` reaches it: keys of other services do, Anthropic's never."""
    return is_inherited(name) and not _LOADING.fullmatch(name)
