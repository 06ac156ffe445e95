"""`agent_here`: the agent in whose clone the caller stands."""

from dataclasses import dataclass

from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


@dataclass(frozen=True)
class Here:
    agent: str


def _here(ctx: Context, _: Params) -> Here:
    agent = ctx.holding(ctx.world.cwd)
    if agent is None:
        problem = f"{ctx.world.cwd} is not in the folder of an agent of {ctx.fleet.root}"
        raise OpsError("not_found", problem, "See the agents: ops agent list")
    return Here(agent.name)


AGENT_HERE = Operation(
    name="agent_here",
    title="The agent here",
    summary="The name of the agent in whose folder you are.",
    effect=Effect.READ,
    run=_here,
    text=lambda here: here.agent,
)
