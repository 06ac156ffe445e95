"""`agent_list` and `agent_status`: the agents of the fleet, and what each of them does since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mcp_server.activity.activity import Activity
from mcp_server.activity.look_activity import activities
from mcp_server.kernel.checked import Field
from mcp_server.kernel.document import columns
from mcp_server.kernel.humanize import plural, time_until
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class ListParams(Params):
    agents: list[str] = Field(default=[], max_length=2000, description="Names of agents; none: all")


@dataclass(frozen=True)
class AgentList:
    agents: tuple[Activity, ...]
    now: datetime


def _list(ctx: Context, params: ListParams) -> AgentList:
    return AgentList(activities(ctx, ctx.agents(params.agents)), ctx.world.clock.now())


def _listed(result: AgentList) -> str:
    rows = [("AGENT", "ROLE", "CLIENT", "RUNS ON", "STATE", "FOLDER")]
    return columns([*rows, *((a.agent, a.role, a.client, a.run_mode, a.state, a.folder) for a in result.agents)])


def _status(result: AgentList) -> str:
    rows = [("AGENT", "STATE", "SINCE", "WHAT"), *(row for a in result.agents for row in _rows(a, result.now))]
    stopped = sum(agent.state == "stopped" for agent in result.agents)
    return "\n".join([columns(rows), *([f"{plural(stopped, 'agent')} stopped"] if stopped else [])])


def _rows(agent: Activity, now: datetime) -> Sequence[tuple[str, str, str, str]]:
    """A row for each session; none for an agent that is stopped."""
    if agent.state == "stopped":
        return ()
    shown = agent.sessions or (agent,)
    return [(agent.agent, each.state, time_until(each.since, now), each.what) for each in shown]


AGENT_LIST = Operation(
    name="agent_list",
    title="List the agents",
    summary="Show the agents of the fleet: role, client, where each runs, state and folder.",
    effect=Effect.READ,
    params=ListParams,
    run=_list,
    text=_listed,
    positional=("agents",),
)
AGENT_STATUS = Operation(
    name="agent_status",
    title="Show what the agents do",
    summary="Show what each agent does since when, from the session files of its client: busy (in a turn), waiting "
    "(for its human), idle, running (unknown what), stopped, absent (no folder), unknown.",
    effect=Effect.READ,
    params=ListParams,
    run=_list,
    text=_status,
    ok=lambda result: all(agent.state not in ("unknown", "absent") for agent in result.agents),
    positional=("agents",),
)
