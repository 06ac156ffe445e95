"""One call of a tool: arguments in, a result of the MCP SDK out.

A result carries the JSON of `ops --json` as structured content, and the command line's text as text: a client that
shows its model only one of the two loses nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from anyio import CapacityLimiter
from mcp_types import CallToolResult, TextContent

from mcp_server.kernel.document import Json, as_json
from mcp_server.kernel.errors import CancelledCallError, OpsError
from mcp_server.kernel.visible import visible, visible_values
from mcp_server.operation.context import Context, Watch
from mcp_server.operation.operation import Effect, Operation
from mcp_server.server.arguments import parameters
from mcp_server.server.audited import run
from mcp_server.server.crash import record_crash
from mcp_server.server.metrics import Calls
from mcp_server.server.worker_process import needs_worker, run_in_worker

AT_ONCE = 8
"Calls of one client that run at the same time; further ones wait. Other clients have their own limit."


@dataclass(frozen=True)
class Client:
    """One client: makes the context of each of its calls, counts them, and limits what it may do."""

    context: Callable[[], Context]
    calls: Calls
    may_write: bool = True
    surface: str = "mcp"
    limit: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(AT_ONCE))


def answer(operation: Operation, arguments: dict[str, Any], client: Client, watch: Watch) -> CallToolResult:
    """Run one call. A refusal or a crash becomes an error result that the model can read."""
    try:
        _require_scope(operation, client)
        params = parameters(operation, _tool_arguments(operation, arguments))
        context = replace(client.context(), watch=watch)
        if needs_worker(operation, context):
            text, document = run_in_worker(operation, params, context)
            return _result(text, document)
        result = run(operation, context, params, client.surface)
        return _result(operation.text(result), as_json(result))
    except OpsError as error:
        return error_result(error)
    except CancelledCallError:
        raise
    except Exception as error:  # a crash must end this call, not the server
        return error_result(record_crash(error, client.context().world.state))


def _require_scope(operation: Operation, client: Client) -> None:
    if operation.effect is Effect.WRITE and not client.may_write:
        raise OpsError(
            "denied",
            f"{operation.name} writes, and this token may only read",
            "Ask the human for a token with the scope write: ops serve token add NAME --scope write",
        )


def outcome_of(result: CallToolResult) -> str:
    return result.structured_content["error"]["kind"] if result.is_error else "ok"


def _tool_arguments(operation: Operation, arguments: dict[str, Any]) -> dict[str, Any]:
    """Refuse arguments that only the command line takes; the tool's schema does not list them."""
    hidden = operation.shell_only & arguments.keys()
    if hidden:
        raise OpsError("invalid", f"{operation.name} has no argument {min(hidden)!r}", "See its input schema")
    return arguments


def error_result(error: OpsError) -> CallToolResult:
    document = error.document()
    shown = document["error"]
    return _result(f"{shown['message']}\nNext: {shown['next']}", as_json(document), is_error=True)


def _result(text: str, document: Json, *, is_error: bool = False) -> CallToolResult:
    """What the model reads: no text from a repository can hide from the human beside it, or act on their terminal."""
    structured: Any = visible_values(document)
    return CallToolResult(
        content=[TextContent(type="text", text=visible(text))], structured_content=structured, is_error=is_error
    )
