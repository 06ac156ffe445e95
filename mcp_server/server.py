"""The MCP server: the catalogue's operations as tools, on any transport. The only importer of `mcp`.

Both protocol eras (2025-11-25 and before, 2026-07-28) are the SDK's; so is the transport. Answers carry the JSON
of `ops --json` as structured content, and as text what the command line tells a person: clients that show
their model one of the two lose nothing, none is sent the same twice.
"""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
)

from mcp_server import __version__
from mcp_server.audited import run
from mcp_server.call import parameters
from mcp_server.crash import recorded
from mcp_server.domain.document import as_json
from mcp_server.domain.errors import OpsError
from mcp_server.domain.places import state_folder
from mcp_server.figures import Calls, Figures
from mcp_server.introduction import INSTRUCTIONS, NAME, TITLE
from mcp_server.journal import SERVER, Journal
from mcp_server.ports import Context, Operation
from mcp_server.telemetry import provide
from mcp_server.tools import definitions
from mcp_server.transport import converse
from mcp_server.wiring import catalogue, context_of

_AT_ONCE = 8
"Calls of one client that run at the same time; more wait. Other clients have their own."


def build(operations: Sequence[Operation], context: Callable[[], Context], calls: Calls) -> Server[Any]:
    """A server for these operations, for one client; `context` makes the context of one call."""
    limit = anyio.CapacityLimiter(_AT_ONCE)
    by_name = {operation.name: operation for operation in operations}
    tools = [Tool.model_validate(definition) for definition in definitions(operations)]

    async def list_tools(_: ServerRequestContext[Any], page: PaginatedRequestParams | None) -> ListToolsResult:
        if page and page.cursor:
            raise MCPError(code=INVALID_PARAMS, message="tools/list has one page: no cursor is valid")
        return ListToolsResult(tools=tools)

    async def call_tool(_: ServerRequestContext[Any], request: CallToolRequestParams) -> CallToolResult:
        operation = by_name.get(request.name)
        if operation is None:
            return _refused(OpsError("not_found", f"no tool {request.name[:60]!r}", "Call tools/list for the names"))
        with calls(operation.name) as ended:
            result = await anyio.to_thread.run_sync(
                answer, operation, request.arguments or {}, context, limiter=limit
            )
            ended(_outcome(result))
        return result

    return Server(
        NAME,
        version=__version__,
        title=TITLE,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def answer(operation: Operation, arguments: dict[str, Any], context: Callable[[], Context]) -> CallToolResult:
    """Run one call. A foreseen refusal or a crash of ours is an error result that the model can read."""
    try:
        result = run(operation, context(), parameters(operation, _tool_arguments(operation, arguments)), "mcp")
        return CallToolResult(
            content=[TextContent(type="text", text=operation.text(result))], structured_content=as_json(result)
        )
    except OpsError as error:
        return _refused(error)
    except Exception as error:  # a crash of ours must end this call, not the server
        return _refused(recorded(error, context().world.state))


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
        server = build(catalogue(), lambda: context_of(environment, cwd), calls)
        await converse(server, aiter(anyio.wrap_file(incoming)), partial(anyio.to_thread.run_sync, write))
    await anyio.to_thread.run_sync(flush)


def main() -> None:
    anyio.run(_serve_stdio)


if __name__ == "__main__":
    main()
