"""The sessions of Claude Code that run in the agents' folders, from the client's own session files."""

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
    for agent, process, file in noted(ctx):
        if str(file.get(claude.SESSION_START)) == process.start:
            store = next((process.folders[name] for name in claude.STORE_VARIABLES if name in process.folders), usual)
            yield Session(
                agent=agent,
                process=process,
                version=str(file.get(claude.SESSION_VERSION, "")),
                store=ctx.world.files.real(store),
                waiting=file.get(claude.SESSION_STATUS) == claude.SESSION_WAITS,
            )


@dataclass(frozen=True)
class UndatedSession:
    """A session file without the start time of its process: it may be an earlier process's."""

    agent: str
    pid: int

    @property
    def message(self) -> str:
        return (
            f"the session file of process {self.pid} has no {claude.SESSION_START}; not sure is how many sessions "
            f"{self.agent} has, and whether they need a restart"
        )


def undated_sessions(ctx: Context) -> Iterator[UndatedSession]:
    for agent, process, file in noted(ctx):
        if file and claude.SESSION_START not in file:
            yield UndatedSession(agent, process.pid)


def noted(ctx: Context) -> Iterator[tuple[str, Process, Mapping[str, object]]]:
    """Each process in the folder of an agent on this host with the session file of its number, empty without one."""
    usual = ctx.world.home / claude.CONFIG_FOLDER
    for agent, processes in ctx.running.items():
        for process in processes:
            yield agent, process, _session_file(ctx.world, process.folders.get(claude.CONFIG_DIR, usual), process.pid)


def _session_file(world: World, config: Path, pid: int) -> Mapping[str, object]:
    try:
        return json_object(world.files.read(config / claude.SESSIONS / f"{pid}.json"))
    except OpsError:
        return {}
