"""The MCP server: the catalogue's operations as tools, on any transport.

The SDK handles both protocol eras (2025-11-25 and before, 2026-07-28).
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import anyio.lowlevel
import anyio.to_thread
from anyio import CapacityLimiter
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    DiscoverResult,
    ListToolsResult,
    PaginatedRequestParams,
    RequestParams,
    Tool,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from mcp_server import __version__
from mcp_server.kernel.cancellation import cancellable
from mcp_server.kernel.errors import CancelledCallError, OpsError
from mcp_server.operation.operation import Effect, Operation
from mcp_server.server.introduction import INSTRUCTIONS, NAME, TITLE
from mcp_server.server.progress import reporting
from mcp_server.server.tool_call import Client, answer, error_result, outcome_of
from mcp_server.server.tools import definition

Request = ServerRequestContext[Any, Any]


def build(operations: Sequence[Operation], client: Callable[[Request], Client]) -> Server[Any]:
    """A server for these operations. `client` gives a request's client; one that may not write sees only reads."""
    by_name = {operation.name: operation for operation in operations}
    tools = [_tool(operation) for operation in operations]

    async def list_tools(ctx: Request, page: PaginatedRequestParams | None) -> ListToolsResult:
        if page and page.cursor:
            raise MCPError(code=INVALID_PARAMS, message="tools/list has one page: no cursor is valid")
        may_write = client(ctx).may_write
        return ListToolsResult(tools=[t for t in tools if may_write or by_name[t.name].effect is Effect.READ])

    async def call_tool(ctx: Request, request: CallToolRequestParams) -> CallToolResult:
        operation, caller = by_name.get(request.name), client(ctx)
        if operation is None:
            return error_result(
                OpsError("not_found", f"no tool {request.name[:60]!r}", "Call tools/list for the names")
            )
        with caller.calls(operation.name) as ended:
            async with reporting(ctx.session.report_progress) as progress:
                work = partial(answer, operation, request.arguments or {}, caller, progress)
                result = await _in_thread(partial(cancellable, progress.is_over.is_set, work), caller.limit)
            ended(outcome_of(result))
        return result

    server = Server(
        NAME,
        version=__version__,
        title=TITLE,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )

    async def discover(ctx: Request, _: RequestParams) -> DiscoverResult:
        """Replaces the SDK's own, which names only the newer era although it supports both."""
        capabilities = server.get_capabilities(protocol_version=ctx.protocol_version)
        versions = [*MODERN_PROTOCOL_VERSIONS, *reversed(HANDSHAKE_PROTOCOL_VERSIONS)]
        return DiscoverResult(supported_versions=versions, capabilities=capabilities, instructions=INSTRUCTIONS)

    server.add_request_handler("server/discover", RequestParams, discover)
    return server


@cache
def _tool(operation: Operation) -> Tool:
    """The SDK's definition, made once for all sessions: it is slow when 25 clients connect at once."""
    return Tool.model_validate(definition(operation))


async def _in_thread(work: Callable[[], CallToolResult], limit: CapacityLimiter) -> CallToolResult:
    """Run a call in a thread. When it is cancelled, wait until it has stopped, so that nothing continues unseen."""
    try:
        return await anyio.to_thread.run_sync(work, limiter=limit)
    except CancelledCallError:
        await anyio.lowlevel.checkpoint()
        raise
