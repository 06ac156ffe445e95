"""Fixture tools: contents of every kind, and what a tool may ask of its client meanwhile (up to 2025-11-25)."""

import base64
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from mcp.server.subscriptions import InMemorySubscriptionBus, PromptsListChanged, ToolsListChanged
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp_types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    CallToolRequestParams,
    CreateMessageRequest,
    CreateMessageRequestParams,
    CreateMessageResult,
    SamplingMessage,
    TextContent,
)

from mcp_server.server.tool_server import Request

Result = dict[str, Any]
Call = Callable[[Request, CallToolRequestParams], Awaitable[Result]]

PNG = base64.b64encode(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
    )
).decode()
WAV = base64.b64encode(b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0@\x1f\0\0@\x1f\0\0\1\0\x08\0data\0\0\0\0").decode()
IMAGE = {"type": "image", "data": PNG, "mimeType": "image/png"}
BUS = InMemorySubscriptionBus()
_PAUSE = 0.05  # the suite asks for it


def result(*content: dict[str, Any] | str, error: bool = False) -> Result:
    blocks = [{"type": "text", "text": block} if isinstance(block, str) else block for block in content]
    return {"content": blocks, "isError": error}


def embedded(uri: str, mime: str, text: str) -> dict[str, Any]:
    return {"type": "resource", "resource": {"uri": uri, "mimeType": mime, "text": text}}


def constant(result: Result) -> Call:
    async def call(_: Request, __: CallToolRequestParams) -> Result:
        return result

    return call


async def _logging(ctx: Request, _: CallToolRequestParams) -> Result:
    for line in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await ctx.session.send_log_message("info", line, related_request_id=ctx.request_id)  # pyright: ignore[reportDeprecated]
        await anyio.sleep(_PAUSE)
    return result("logged")


async def _progress(ctx: Request, _: CallToolRequestParams) -> Result:
    for done in (0, 50, 100):
        await ctx.session.report_progress(done, 100)
        await anyio.sleep(_PAUSE)
    return result("done")


async def _sampling(ctx: Request, params: CallToolRequestParams) -> Result:
    prompt = SamplingMessage(role="user", content=TextContent(type="text", text=(params.arguments or {})["prompt"]))
    request = CreateMessageRequest(params=CreateMessageRequestParams(messages=[prompt], max_tokens=100))
    # On the stream of its call: the client's other one may not be open yet.
    related = ServerMessageMetadata(related_request_id=ctx.request_id)
    answer = await ctx.session.send_request(request, CreateMessageResult, metadata=related)
    return result(f"LLM response: {answer.content}")


def _asking(schema: dict[str, Any], message: str | None = None) -> Call:
    async def call(ctx: Request, params: CallToolRequestParams) -> Result:
        words = message or (params.arguments or {})["message"]
        answer = await ctx.session.elicit_form(words, schema, related_request_id=ctx.request_id)
        return result(f"Elicitation completed: action={answer.action}, content={answer.content}")

    return call


async def _needs_sampling(ctx: Request, _: CallToolRequestParams) -> Result:
    capabilities = ctx.session.client_capabilities
    if capabilities is None or capabilities.sampling is None:
        raise MCPError(
            MISSING_REQUIRED_CLIENT_CAPABILITY, "sampling is needed", {"requiredCapabilities": {"sampling": {}}}
        )
    return result("it is there")


async def _tools_changed(_: Request, __: CallToolRequestParams) -> Result:
    await BUS.publish(ToolsListChanged())
    return result("told")


async def _prompts_changed(_: Request, __: CallToolRequestParams) -> Result:
    await BUS.publish(PromptsListChanged())
    return result("told")


def _form(*required: str, **properties: object) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def _titled(*titles: str) -> list[dict[str, str]]:
    return [{"const": f"value{number}", "title": title} for number, title in enumerate(titles, 1)]


_USER = _form("username", "email", username={"type": "string"}, email={"type": "string"})
_DEFAULTS = _form(
    name={"type": "string", "default": "John Doe"},
    age={"type": "integer", "default": 30},
    score={"type": "number", "default": 95.5},
    status={"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
    verified={"type": "boolean", "default": True},
)
_OPTIONS = ["option1", "option2", "option3"]
_ENUMS = _form(
    untitledSingle={"type": "string", "enum": _OPTIONS},
    titledSingle={"type": "string", "oneOf": _titled("First Option", "Second Option", "Third Option")},
    legacyEnum={
        "type": "string",
        "enum": ["opt1", "opt2", "opt3"],
        "enumNames": ["Option One", "Option Two", "Option Three"],
    },
    untitledMulti={"type": "array", "items": {"type": "string", "enum": _OPTIONS}},
    titledMulti={"type": "array", "items": {"anyOf": _titled("First Choice", "Second Choice", "Third Choice")}},
)
_MIXED = embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}')

CALLS: dict[str, Call] = {
    "test_simple_text": constant(result("This is a simple text response for testing.")),
    "test_image_content": constant(result(IMAGE)),
    "test_audio_content": constant(result({"type": "audio", "data": WAV, "mimeType": "audio/wav"})),
    "test_embedded_resource": constant(
        result(embedded("test://embedded-resource", "text/plain", "This is an embedded resource content."))
    ),
    "test_multiple_content_types": constant(result("Multiple content types test:", IMAGE, _MIXED)),
    "test_error_handling": constant(result("This tool intentionally returns an error for testing", error=True)),
    "test_tool_with_logging": _logging,
    "test_tool_with_progress": _progress,
    "test_sampling": _sampling,
    "test_elicitation": _asking(_USER),
    "test_elicitation_sep1034_defaults": _asking(_DEFAULTS, "Please review"),
    "test_elicitation_sep1330_enums": _asking(_ENUMS, "Please choose"),
    "test_missing_capability": _needs_sampling,
    "test_logging_tool": _logging,
    "test_trigger_tool_change": _tools_changed,
    "test_trigger_prompt_change": _prompts_changed,
    "test_header_parameter": constant(result("taken")),
}
_TEXT = {"type": "string"}
PARAMETERS: dict[str, dict[str, Any]] = {
    "test_sampling": {"prompt": _TEXT},
    "test_elicitation": {"message": _TEXT},
    "test_header_parameter": {"region": {**_TEXT, "x-mcp-header": "Region"}},
}
