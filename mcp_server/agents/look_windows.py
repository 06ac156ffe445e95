"""The windows of tmux in which the agents run."""

import re

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context
from mcp_server.system.tmux import Pane


def session_of(ctx: Context) -> str:
    """The name of the session that has a window for each agent; tmux takes no dot or colon in it."""
    return "ops-" + re.sub(r"[^A-Za-z0-9_-]+", "-", ctx.fleet.root.name)


def mark_of(ctx: Context, agent: Agent) -> str:
    """What marks the pane of an agent of this fleet."""
    return f"{ctx.key}/{agent.name}"


def pane_of(ctx: Context, agent: Agent) -> Pane:
    """The pane in which the agent runs, also if a person has started it there; `not_found` if there is none."""
    panes = [pane for pane in ctx.world.tmux.panes() if not pane.dead]
    mark = mark_of(ctx, agent)
    processes = ctx.running.get(agent.name, ())
    numbers = {process.pid for process in processes} | {process.parent for process in processes}
    found = next((p for p in panes if p.mark == mark), None) or next((p for p in panes if p.pid in numbers), None)
    if found is None:
        step = (
            f"ops agent run {agent.name}"
            if not processes
            else f"See which processes are its: ops agent status {agent.name}"
        )
        raise OpsError("not_found", f"{agent.name} runs in no window of tmux", step)
    return found
