"""Starts several agents, each in a window of tmux of its own, one after the other."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from mcp_server.activity.activity import Activity
from mcp_server.activity.look_activity import activities
from mcp_server.agents.environment import PROGRAMS
from mcp_server.agents.look_start import prepare
from mcp_server.agents.look_windows import mark_of, session_of
from mcp_server.agents.outcome import Outcome
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context

_PATIENCE: Final = 900.0
"Seconds: the image of a container may be built first."


def start_in_windows(
    ctx: Context, agents: Sequence[Agent], arguments: Sequence[str], pause: float
) -> tuple[Outcome, ...]:
    """Start each agent that is stopped; the next one `pause` seconds after the client of the last one runs."""
    ctx.world.tmux.require()
    with ctx.world.files.lock(f"windows-{ctx.key}"):
        panes = {pane.mark for pane in ctx.world.tmux.panes() if not pane.dead}
        found = zip(agents, activities(ctx, agents), strict=True)
        step = ctx.steps(len(agents), "agents started")
        return tuple(_each(ctx, found, panes, lambda agent: _start(ctx, agent, arguments, pause), step))


def _each(
    ctx: Context,
    found: Iterator[tuple[Agent, Activity]],
    panes: set[str],
    start: Callable[[Agent], str],
    step: Callable[[], None],
) -> Iterator[Outcome]:
    for agent, activity in found:
        step()
        if mark_of(ctx, agent) in panes:
            yield Outcome(agent.name, agent.client, "left", activity.since, "it has a window already")
        elif activity.sessions or activity.state not in ("stopped", "running"):
            yield Outcome(agent.name, agent.client, "left", activity.since, activity.what)
        else:
            try:
                yield Outcome(agent.name, agent.client, "started", ctx.world.clock.now(), start(agent))
            except OpsError as error:
                yield Outcome(agent.name, agent.client, "failed", None, f"{error.message}. Next: {error.next}")


def _start(ctx: Context, agent: Agent, arguments: Sequence[str], pause: float) -> str:
    prepare(ctx, agent.name)  # raises here what would end its window at once
    words = [str(ctx.world.pack / "bin" / "ops"), "--fleet", str(ctx.fleet.root), "agent", "run", agent.name, "--"]
    options = agent.run_mode == "docker" and arguments and arguments[0].startswith("-")
    session = session_of(ctx)
    command = (*words, *(PROGRAMS[agent.client] if options else ()), *arguments)
    pane = ctx.world.tmux.open(session, agent.name, mark_of(ctx, agent), command, ctx.fleet.root)
    if problem := ctx.world.tmux.settle(pane, _PATIENCE, pause):
        raise OpsError("unavailable", f"{agent.name} was not started: {problem}", f"ops agent run {agent.name}")
    return f"in window {agent.name} of the tmux session {session}"
