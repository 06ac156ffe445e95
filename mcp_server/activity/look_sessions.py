"""The sessions of Claude Code that run in the agents' folders, as the client itself notes them.

It keeps `<config folder>/sessions/<pid>.json` with `procStart`, `version` and `status` for each (seen on 2.1.328).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mcp_server.clients.claude import VARIABLES
from mcp_server.fleet.look_env import env_folders
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Hazard
from mcp_server.kernel.json_text import json_object
from mcp_server.logins.look_stores import StoreLook
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
                store = next((process.places[name] for name in VARIABLES if name in process.places), usual)
                version, waiting = str(noted.get("version", "")), noted.get("status") == "waiting"
                yield Session(agent, process, version, ctx.world.files.real(store), waiting)


def session_hazards(ctx: Context, looks: tuple[StoreLook, ...]) -> Iterator[Hazard]:
    """Sessions that do not use the login that they should, and those of an older client than others here."""
    found = tuple(sessions(ctx))
    yield from _astray(ctx, looks, found)
    versions = [ctx.world.claude.version(), *(session.version for session in found)]
    newest = max(map(numbers, versions))
    for session in found:
        if numbers(session.version) < newest:
            latest = ".".join(map(str, newest))
            message = f"process {session.process.pid} runs Claude Code {session.version}, {latest} is here"
            yield Hazard("old_client", (session.agent,), message, _anew(session))


def _astray(ctx: Context, looks: tuple[StoreLook, ...], found: tuple[Session, ...]) -> Iterator[Hazard]:
    empty = {look.folder for look in looks if look.state == "absent"}
    for session in found:
        agent = ctx.agent(session.agent)
        wanted = [ctx.world.files.real(folder) for folder in env_folders(ctx.world, agent)]
        if (wanted and session.store not in wanted) or (not wanted and session.store in empty - {looks[0].folder}):
            should = wanted[0] if wanted else looks[0].folder
            message = f"process {session.process.pid} uses the login in {session.store}, it should be {should}"
            yield Hazard("restart_needed", (agent.name,), message, _anew(session))


def _anew(session: Session) -> str:
    return f"End the session of process {session.process.pid}, start {session.agent} anew"


def _noted(world: World, config: Path, pid: int) -> Mapping[str, object]:
    try:
        return json_object(world.files.read(config / "sessions" / f"{pid}.json"))
    except OpsError:
        return {}


def numbers(version: str | None) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version or "")[:3])
