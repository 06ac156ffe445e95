"""`ops pr approve`: shows a human in a terminal the pull request that would be opened, and stores their approval."""

from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.workflow.approval import Approved
from mcp_server.workflow.write_approvals import approve
from mcp_server.workflow.write_draft import draft


class ApproveParams(Params):
    title: str = Field(default="", max_length=300, description="Its title; none: the newest commit's first line")


def _approve(ctx: Context, params: ApproveParams) -> Approved:
    found = draft(ctx, params.title)
    question = f"{found.description}\nType the branch's name to approve this pull request: "
    if ctx.world.ask(question) != found.proposal.head:
        raise OpsError("denied", "it was not approved, nothing is opened", "Run the same again when it is right")
    return approve(ctx, found, "terminal")


PR_APPROVE = Operation(
    name="pr_approve",
    title="Approve a pull request",
    summary="Shows a person in a terminal what would be opened, and stores their approval: once, for 15 minutes.",
    effect=Effect.WRITE,
    params=ApproveParams,
    run=_approve,
    text=lambda it: f"{it.told}\nApproved for 15 minutes, once.\nNext: {it.next}",
    open_world=True,
)
