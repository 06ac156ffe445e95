"""`agent_attach`: this terminal shows the window in which an agent runs."""

from mcp_server.agents.look_windows import pane_of
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.system.tmux import Pane


class AttachParams(Params):
    name: str = Field(max_length=64, description="Name of the agent")


def _attach(ctx: Context, params: AttachParams) -> Pane:
    pane = pane_of(ctx, ctx.agent(params.name))
    if not ctx.world.terminal:
        raise OpsError(
            "denied",
            "only a terminal can be attached, and there is none",
            f"In a terminal: ops agent attach {params.name}",
        )
    ctx.world.replace_process(ctx.world.tmux.attach(pane), ctx.world.environment, ctx.world.cwd)
    return pane


AGENT_ATTACH = Operation(
    name="agent_attach",
    title="Attach to an agent",
    summary="Show the tmux window in which an agent runs, whoever started it there.",
    effect=Effect.WRITE,
    params=AttachParams,
    run=_attach,
    text=lambda pane: f"attached to {pane.session}",
    positional=("name",),
)
