"""Ends the sessions of an agent that are between two turns. No signal that a program cannot handle is ever sent."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from mcp_server.activity.activity import Activity, Doing
from mcp_server.activity.look_activity import activities
from mcp_server.activity.look_sessions import sessions
from mcp_server.agents.outcome import Outcome
from mcp_server.clients import claude
from mcp_server.fleet.look_containers import agent_containers
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context

_PATIENCE: Final = 30.0
"Seconds that a session has to end: it saves its conversation, and a login that is being renewed."


def reason_to_leave(ctx: Context, activity: Activity) -> str | None:
    """Why nothing of this agent is ended; None if all that runs is between two turns."""
    if activity.state == "unknown":
        return activity.what
    if busy := [each for each in activity.sessions if each.state != "idle"]:
        return f"{busy[0].what}; a turn is never cut off"
    return "its login is being renewed" if _renews(ctx, activity.agent) else None


def _renews(ctx: Context, agent: str) -> bool:
    """Whether a session might be renewing the login: ended meanwhile, it could lose it."""
    stores = {session.store for session in sessions(ctx) if session.agent == agent}
    return any(ctx.world.files.kind(store / claude.REFRESH_LOCK) != "absent" for store in stores)


def stop_agent(ctx: Context, agent: Agent, before: Activity) -> Outcome:
    """End what was idle in `before`, if it still is; a container is stopped once nothing runs in it."""
    (now,) = activities(replace(ctx), [agent])
    reason = reason_to_leave(replace(ctx), now)
    if reason is None and {each.pid for each in now.sessions} - {each.pid for each in before.sessions}:
        reason = "a session has started meanwhile"
    try:
        ended = "" if reason else _end(ctx, agent, now.sessions)
    except OpsError as error:
        reason, ended = f"{error.message}. Next: {error.next}", ""
    return Outcome(agent.name, agent.client, "left" if reason else "stopped", ctx.world.clock.now(), reason or ended)


def _end(ctx: Context, agent: Agent, idle: Sequence[Doing]) -> str:
    if agent.run_mode == "docker":
        return _end_contained(ctx, agent, idle)
    numbers = {each.pid for each in idle}
    processes = [process for process in ctx.running.get(agent.name, ()) if process.pid in numbers]
    for process in processes:
        ctx.world.processes.end(process)
    if left := [process.pid for process in processes if not ctx.world.processes.has_ended(process, _PATIENCE)]:
        raise OpsError(
            "conflict", f"process {left[0]} was asked to end and has not", f"ops agent status {agent.name}"
        )
    return f"{len(processes)} sessions ended; each can be resumed"


def _end_contained(ctx: Context, agent: Agent, idle: Sequence[Doing]) -> str:
    found = agent_containers(ctx).get(agent.name)
    container = found.container if found else None
    if container is None:
        raise OpsError("not_found", f"{agent.name} has no container any more", "ops agent status")
    ctx.world.containers.end(container, [each.pid for each in idle], _PATIENCE)
    ctx.world.containers.stop(container)
    return f"the container {container.name} is stopped, not removed"
