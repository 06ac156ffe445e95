"""`agent_stop`: after a question, ends the sessions that are between two turns. It never cuts off a turn."""

from mcp_server.activity.activity import Activity
from mcp_server.activity.look_activity import activities
from mcp_server.agents.outcome import Outcome, Outcomes
from mcp_server.agents.write_stop import reason_to_leave, stop_agent
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class StopParams(Params):
    agents: list[str] = Field(default=[], max_length=2000, description="Names of agents")
    all: bool = Field(default=False, description="Every agent that runs")
    role: str = Field(default="", max_length=32, description="Every agent of this role")


def _stop(ctx: Context, params: StopParams) -> Outcomes:
    agents = _named(ctx, params)
    found = zip(agents, activities(ctx, agents), strict=True)
    running = [(agent, activity) for agent, activity in found if activity.state not in ("stopped", "absent")]
    reasons = {activity.agent: reason_to_leave(ctx, activity) for _, activity in running}
    to_end = [(agent, activity) for agent, activity in running if not reasons[agent.name]]
    if to_end and ctx.world.ask(_question(to_end)).lower() not in ("y", "yes"):
        raise OpsError("denied", "nobody said yes, and nothing was ended", "Answer with: yes")
    left = [Outcome(a.agent, a.client, "left", a.since, why) for _, a in running if (why := reasons[a.agent])]
    rows = [*left, *(stop_agent(ctx, agent, activity) for agent, activity in to_end)]
    is_left = any(row.state == "left" for row in rows)
    return Outcomes(tuple(rows), "See when the turns are over: ops agent status" if is_left else None)


def _named(ctx: Context, params: StopParams) -> tuple[Agent, ...]:
    if not (params.agents or params.all or params.role):
        raise OpsError("invalid", "no agent is named", "Name agents, or give --role ROLE or --all")
    named = ctx.agents(params.agents)
    return tuple(agent for agent in named if params.role in ("", agent.role))


def _question(to_end: list[tuple[Agent, Activity]]) -> str:
    lines = [f"  {a.agent}: {a.what}" + (f" ({len(a.sessions)} sessions)" if a.sessions else "") for _, a in to_end]
    return "\n".join(["This ends:", *lines, "Type yes to end them: "])


AGENT_STOP = Operation(
    name="agent_stop",
    title="Stop agents",
    summary="Ask, then end the sessions that are between two turns, and stop the containers in which none runs. "
    "A turn is never cut off, and a client that does not say what it does is left alone.",
    effect=Effect.WRITE,
    params=StopParams,
    run=_stop,
    text=lambda result: result.text or "None of them runs.",
    ok=lambda result: all(row.state == "stopped" for row in result.agents),
    positional=("agents",),
)
