"""What each agent does: from the session files of Claude Code, and from the processes of the other clients."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from mcp_server.activity.activity import CLIENTS, Activity, Doing, State, activity_of, doing_of, is_client
from mcp_server.activity.look_codex import codex_does
from mcp_server.activity.look_sessions import noted
from mcp_server.clients import claude
from mcp_server.fleet.look_containers import AgentContainer, agent_containers
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.json_text import json_object
from mcp_server.operation.context import Context
from mcp_server.system.containers import Container
from mcp_server.system.processes import Process

_Noted = tuple[Process, Mapping[str, object]]
"A process and the session file of its number."


def activities(ctx: Context, agents: Sequence[Agent]) -> tuple[Activity, ...]:
    """What each of these agents does, in their order."""
    found: dict[str, list[_Noted]] = {}
    for name, process, file in noted(ctx):
        found.setdefault(name, []).append((process, file))
    return tuple(
        _contained(ctx, agent) if agent.run_mode == "docker" else _hosted(ctx, agent, found.get(agent.name, []))
        for agent in agents
    )


def _hosted(ctx: Context, agent: Agent, found: Sequence[_Noted]) -> Activity:
    if ctx.world.files.kind(ctx.world.files.real(agent.folder)) != "folder":
        return activity_of(agent, (), ("absent", None, f"there is no folder {agent.folder}"))
    if agent.name not in ctx.running:
        return activity_of(agent, (), ("unknown", None, "the processes of this host cannot be listed"))
    otherwise: tuple[State, datetime | None, str] = ("stopped", None, "")
    if agent.run_mode == "unknown":
        otherwise = ("unknown", None, "whether it runs in Docker is not known")
    return activity_of(agent, tuple(_sessions(ctx, agent, found)), otherwise)


def _sessions(ctx: Context, agent: Agent, found: Sequence[_Noted]) -> Iterator[Doing]:
    """Sessions with a file, and clients in a terminal without one; their helpers have no terminal."""
    clients = {process.pid for process, _ in found if _may_be_client(agent, process)}
    noted_ones = {process.pid for process, file in found if str(file.get(claude.SESSION_START)) == process.start}
    others = [p for p, _ in found if p.pid in clients - noted_ones and p.parent not in clients]
    yield from (doing_of(process.pid, file) for process, file in found if process.pid in noted_ones)
    for process in others:
        known = None
        if agent.client == "codex" and len(others) == 1:  # with two, whose record it is would not be known
            known = codex_does(ctx, process, ctx.world.files.real(agent.folder))
        what = f"{agent.client} runs, and what it does is not known"
        yield known or Doing(process.pid, "running", process.began, what)


def _may_be_client(agent: Agent, process: Process) -> bool:
    return process.in_terminal and is_client(agent.client, process.program, process.script)


def _contained(ctx: Context, agent: Agent) -> Activity:
    if isinstance(ctx.engine, OpsError):
        return activity_of(agent, (), ("unknown", None, ctx.engine.message))
    found = agent_containers(ctx).get(agent.name)
    container = found.container if found else None
    if found is None or container is None or not container.running:
        return activity_of(agent, (), ("stopped", None, "its container does not run" if container else ""))
    try:
        sessions, programs = tuple(_sessions_inside(ctx, found, container)), ctx.world.containers.programs(container)
        clients = sum(is_client(client, *program) for program in programs for client in CLIENTS)
        what = "a client runs in the container, and what it does is not known"
        more = () if clients <= len(sessions) else (Doing(0, "running", None, what),)
        runs = f"the container {container.name} runs without a session; processes in it: {len(programs)}"
        return activity_of(agent, (*sessions, *more), ("running", _time(container.since), runs))
    except OpsError as error:
        return activity_of(agent, (), ("unknown", _time(container.since), error.message))


def _sessions_inside(ctx: Context, found: AgentContainer, container: Container) -> Iterator[Doing]:
    """The sessions whose process runs in the container, with the start time that their file has."""
    home = found.folder(("HOME",)) or "/root"
    folder = PurePosixPath(found.folder((claude.CONFIG_DIR,)) or f"{home}/{claude.CONFIG_FOLDER}", claude.SESSIONS)
    for name, data in ctx.world.containers.read_folder(container, folder).items():
        pid, _, kind = name.partition(".")
        if kind != "json" or not pid.isdecimal():
            continue
        stat = ctx.world.containers.read_inside(container, PurePosixPath("/proc", pid, "stat"))
        file = json_object(data)
        if stat and stat.rpartition(b")")[2].split()[19].decode() == str(file.get(claude.SESSION_START)):
            yield doing_of(int(pid), file)


def _time(text: str) -> datetime | None:
    """A time as the engine writes it, in nanoseconds."""
    try:
        return datetime.fromisoformat(f"{text[:19]}+00:00")
    except ValueError:
        return None
