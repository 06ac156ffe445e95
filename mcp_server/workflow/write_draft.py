"""The pull request that the caller's own branch would make, after origin was fetched into its clone."""

from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.workflow.approval import repository_of
from mcp_server.workflow.look_own_clone import own_branch_of
from mcp_server.workflow.look_pull_request import Draft, draft_as_fetched


def draft(ctx: Context, title: str) -> Draft:
    """Fetch origin, then return `draft_as_fetched`. Raises `unavailable` if origin does not answer."""
    home, state = own_branch_of(ctx)
    repository = repository_of(state.origin)
    if not ctx.world.git.fetch(home.folder):
        step = f"{home.git} fetch origin"
        raise OpsError("unavailable", f"{repository} does not answer", step)
    return draft_as_fetched(ctx, title)
