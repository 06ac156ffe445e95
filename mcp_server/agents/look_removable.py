"""Why an agent's folder must stay: work that is nowhere else, or something that runs in it."""

from collections.abc import Iterator
from dataclasses import dataclass

from mcp_server.activity.look_activity import activities
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context


@dataclass(frozen=True)
class Reason:
    """One reason, and the command that shows it or does away with it."""

    what: str
    next: str


def reasons_to_stay(ctx: Context, agent: Agent, *, fetched: bool) -> tuple[Reason, ...]:
    """Every reason; what cannot be looked at is one as well. `fetched`: its clone has just fetched from origin."""
    folder = agent.folder
    kind = ctx.world.files.kind(folder)
    if kind != "folder":
        what = "it is a symbolic link" if kind == "link" else f"there is no folder {folder}"
        return (Reason(what, f"Look at it: ls -la {folder}"),)
    return (*_shared(ctx, agent), *_running(ctx, agent), *_unsaved(ctx, agent, fetched=fetched))


def _shared(ctx: Context, agent: Agent) -> Iterator[Reason]:
    real = ctx.world.files.real(agent.folder)
    others = [other for other in ctx.fleet.agents if other.name != agent.name]
    if other := next((o for o in others if ctx.world.files.real(o.folder).is_relative_to(real)), None):
        yield Reason(f"{other.name} is in the same folder", f"Look at it: ls -la {agent.folder}")
    if ctx.fleet.root.is_relative_to(real):
        yield Reason("the fleet is in it", f"Look at it: ls -la {agent.folder}")


def _running(ctx: Context, agent: Agent) -> Iterator[Reason]:
    (activity,) = activities(ctx, [agent])
    verb = "stop" if activity.sessions else "status"
    if activity.state != "stopped":
        yield Reason(f"it is not stopped: {activity.what}", f"ops agent {verb} {agent.name}")
    elif agent.run_mode != "docker" and (processes := ctx.running.get(agent.name)):
        first = processes[0]
        yield Reason(f"the process {first.pid} ({first.program}) works in it", f"Look at it: ps -fp {first.pid}")


def _unsaved(ctx: Context, agent: Agent, *, fetched: bool) -> Iterator[Reason]:
    try:
        yield from (Reason(each.what, each.next) for each in ctx.world.git.unsaved(agent.folder, fetched=fetched))
    except OpsError as error:
        yield Reason(error.message, error.next)
