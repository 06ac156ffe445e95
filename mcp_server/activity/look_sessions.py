"""The sessions of Claude Code that run in the agents' folders, as the client itself notes them.

It keeps `<config folder>/sessions/<pid>.json` with `procStart`, `version` and `status` for each (seen on 2.1.328).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mcp_server.clients.claude import STORE_VARIABLES
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_text import json_object
from mcp_server.operation.context import Context
from mcp_server.operation.world import World
from mcp_server.system.processes import Process


@dataclass(frozen=True)
class Session:
    """One running session, and the folder of the store that it uses."""

    agent: str
    process: Process
    version: str
    store: Path
    waiting: bool
    "Whether it waits for its human."


def sessions(ctx: Context) -> Iterator[Session]:
    """Every session of the host's agents that the client notes and the kernel knows."""
    usual = ctx.world.home / ".claude"
    for agent, processes in ctx.running.items():
        for process in processes:
            noted = _noted(ctx.world, process.places.get("CLAUDE_CONFIG_DIR", usual), process.pid)
            if str(noted.get("procStart")) == process.start:
                store = next((process.places[name] for name in STORE_VARIABLES if name in process.places), usual)
                version, waiting = str(noted.get("version", "")), noted.get("status") == "waiting"
                yield Session(agent, process, version, ctx.world.files.real(store), waiting)


def _noted(world: World, config: Path, pid: int) -> Mapping[str, object]:
    try:
        return json_object(world.files.read(config / "sessions" / f"{pid}.json"))
    except OpsError:
        return {}


def version_numbers(version: str | None) -> tuple[int, ...]:
    """A version as numbers that compare: (2, 1, 328) for "2.1.328", () for None."""
    return tuple(int(number) for number in re.findall(r"\d+", version or "")[:3])
