"""`ops pr typed`: for the plugin's hook. By typing /ops:pr_create a human approves the pull request."""

from mcp_server.clients.claude_hook import typed_command
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_text import json_object
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.workflow.approval import COMMAND, Approved
from mcp_server.workflow.write_approvals import approve
from mcp_server.workflow.write_draft import draft


class TypedParams(Params):
    event: str = Field(max_length=100_000, description="The event that Claude Code hands to its hook")
    entrypoint: str = Field(description="CLAUDE_CODE_ENTRYPOINT of the hook")
    attended: str = Field(description="CLAUDE_CODE_SESSION_ATTENDED of the hook")


def _typed(ctx: Context, params: TypedParams) -> Approved:
    """Accepts only a command that a human typed in an attended, interactive session."""
    typed = typed_command(json_object(params.event.encode()), params.entrypoint, params.attended)
    if typed is None or typed.name != COMMAND:
        step = f"A human types /{COMMAND} in an interactive session"
        raise OpsError("denied", "this was not typed by a human in an attended session", step)
    return approve(ctx, draft(ctx, typed.arguments), f"session {typed.session}")


PR_TYPED = Operation(
    name="pr_typed",
    title="Approve by typing a command",
    summary="For the plugin's hook: stores the approval that a human gives by typing /ops:pr_create.",
    effect=Effect.WRITE,
    params=TypedParams,
    run=_typed,
    text=lambda _: "",
    from_file=frozenset({"event"}),
    open_world=True,
)
