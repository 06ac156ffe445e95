"""The sessions of Claude Code that run in the agents' folders, from the client's own session files."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mcp_server.clients import claude
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_text import json_object
from mcp_server.operation.context import Context
from mcp_server.operation.world import World
from mcp_server.system.processes import Process


@dataclass(frozen=True)
class Session:
    """One running session. `store` is the folder of the store that it uses."""

    agent: str
    process: Process
    version: str
    store: Path
    waiting: bool
    "Whether the session waits for its human."


def sessions(ctx: Context) -> Iterator[Session]:
    """Every session of the agents on this host that has a session file and a running process."""
    usual = ctx.world.home / claude.CONFIG_FOLDER
    for agent, processes in ctx.running.items():
        for process in processes:
            folders = process.folders
            file = _session_file(ctx.world, folders.get(claude.CONFIG_DIR, usual), process.pid)
            if str(file.get(claude.SESSION_START)) == process.start:
                store = next((folders[name] for name in claude.STORE_VARIABLES if name in folders), usual)
                yield Session(
                    agent=agent,
                    process=process,
                    version=str(file.get(claude.SESSION_VERSION, "")),
                    store=ctx.world.files.real(store),
                    waiting=file.get(claude.SESSION_STATUS) == claude.SESSION_WAITS,
                )


def _session_file(world: World, config: Path, pid: int) -> Mapping[str, object]:
    try:
        return json_object(world.files.read(config / claude.SESSIONS / f"{pid}.json"))
    except OpsError:
        return {}


def version_numbers(version: str | None) -> tuple[int, ...]:
    """A version as numbers that compare: (2, 1, 30) for "2.1.30", () for None."""
    return tuple(int(number) for number in re.findall(r"\d+", version or "")[:3])
