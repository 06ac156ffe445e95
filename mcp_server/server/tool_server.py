"""The MCP server: the catalogue's operations as tools, on any transport. The only importer of `mcp`.

Both protocol eras (2025-11-25 and before, 2026-07-28) are the SDK's; so is the transport. Answers carry the JSON
of `ops --json` as structured content, and as text what the command line tells a person: clients that show
their model one of the two lose nothing, none is sent the same twice.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import anyio
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
    TextContent,
    Tool,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from mcp_server import __version__
from mcp_server.activity.journal import SERVER, Journal
from mcp_server.kernel.cancellation import cancellable
from mcp_server.kernel.document import as_json
from mcp_server.kernel.errors import CancelledCallError, OpsError
from mcp_server.kernel.state_folder import state_folder
from mcp_server.operation.context import Context, Watch
from mcp_server.operation.operation import Effect, Operation
from mcp_server.server import worker_process as apart
from mcp_server.server.arguments import parameters
from mcp_server.server.audited import run
from mcp_server.server.catalogue import catalogue
from mcp_server.server.crash import recorded
from mcp_server.server.introduction import INSTRUCTIONS, NAME, TITLE
from mcp_server.server.metrics import Calls, Figures
from mcp_server.server.progress import told
from mcp_server.server.telemetry import provide
from mcp_server.server.tools import definition
from mcp_server.server.transport import converse
from mcp_server.server.wiring import context_of

Request = ServerRequestContext[Any, Any]

AT_ONCE = 8
"Calls of one client that run at the same time; more wait. Other clients have their own."


@dataclass(frozen=True)
class Client:
    """Who calls: the context of one call of its, where its calls are counted, and what it may do."""

    context: Callable[[], Context]
    calls: Calls
    may_write: bool = True
    surface: str = "mcp"
    limit: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(AT_ONCE))


def build(operations: Sequence[Operation], client: Callable[[Request], Client]) -> Server[Any]:
    """A server for these operations; `client` tells who makes a request. Who may not write sees no tool that does."""
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
            return _refused(OpsError("not_found", f"no tool {request.name[:60]!r}", "Call tools/list for the names"))
        with caller.calls(operation.name) as ended:
            async with told(ctx.session.report_progress) as progress:
                work = partial(answer, operation, request.arguments or {}, caller, progress)
                result = await _in_thread(partial(cancellable, progress.is_over.is_set, work), caller.limit)
            ended(_outcome(result))
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
        """The SDK's own names the newer era alone, though it speaks both."""
        capabilities = server.get_capabilities(protocol_version=ctx.protocol_version)
        versions = [*MODERN_PROTOCOL_VERSIONS, *reversed(HANDSHAKE_PROTOCOL_VERSIONS)]
        return DiscoverResult(supported_versions=versions, capabilities=capabilities, instructions=INSTRUCTIONS)

    server.add_request_handler("server/discover", RequestParams, discover)
    return server


@cache
def _tool(operation: Operation) -> Tool:
    """Made once for all sessions: of 25 clients that come at once, most of the time was spent on this."""
    return Tool.model_validate(definition(operation))


async def _in_thread(work: Callable[[], CallToolResult], limit: CapacityLimiter) -> CallToolResult:
    """A call that is cancelled is waited for until it has stopped: nothing of it goes on unseen."""
    try:
        return await anyio.to_thread.run_sync(work, limiter=limit)
    except CancelledCallError:
        await anyio.lowlevel.checkpoint()
        raise


def answer(operation: Operation, arguments: dict[str, Any], client: Client, watch: Watch) -> CallToolResult:
    """Run one call. A foreseen refusal or a crash of ours is an error result that the model can read."""
    try:
        _require_scope(operation, client)
        params = parameters(operation, _tool_arguments(operation, arguments))
        context = replace(client.context(), watch=watch)
        if apart.is_for(operation, context):
            text, document = apart.answered(operation, params, context)
            return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=document)
        result = run(operation, context, params, client.surface)
        return CallToolResult(
            content=[TextContent(type="text", text=operation.text(result))], structured_content=as_json(result)
        )
    except OpsError as error:
        return _refused(error)
    except CancelledCallError:
        raise
    except Exception as error:  # a crash of ours must end this call, not the server
        return _refused(recorded(error, client.context().world.state))


def _require_scope(operation: Operation, client: Client) -> None:
    if operation.effect is Effect.WRITE and not client.may_write:
        raise OpsError(
            "denied",
            f"{operation.name} writes, and you may only read",
            "Ask the human for a token with that scope: ops serve token add NAME --scope write",
        )


def _outcome(result: CallToolResult) -> str:
    return result.structured_content["error"]["kind"] if result.is_error else "ok"


def _tool_arguments(operation: Operation, arguments: dict[str, Any]) -> dict[str, Any]:
    """Refuse what only the command line takes: the tool's schema does not offer it."""
    hidden = operation.shell_only & arguments.keys()
    if hidden:
        raise OpsError("invalid", f"{operation.name} has no argument {min(hidden)!r}", "See its input schema")
    return arguments


def _refused(error: OpsError) -> CallToolResult:
    text = f"{error.message}\nNext: {error.next}"
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=error.document(), is_error=True
    )


async def _serve_stdio() -> None:
    environment, cwd = dict(os.environ), Path.cwd()
    # The wire is ours alone: what an operation or its child might print goes to standard error.
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)

    def write(line: bytes) -> None:
        outgoing.write(line)
        outgoing.flush()

    journal = Journal(state_folder(environment, Path.home()), SERVER)
    figures = Figures(journal)
    flush = provide(environment, figures.note)
    with figures.connection(environment.get("AGENT_NAME") or cwd.name) as calls:
        client = Client(lambda: context_of(environment, cwd), calls)
        server = build(catalogue(), lambda _: client)
        await converse(server, aiter(anyio.wrap_file(incoming)), partial(anyio.to_thread.run_sync, write))
    await anyio.to_thread.run_sync(flush)


def main() -> None:
    anyio.run(_serve_stdio)
