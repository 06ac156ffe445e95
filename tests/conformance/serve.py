"""`python -m tests.conformance.serve PORT`: the product's site and server, with the fixtures beside its tools."""

import asyncio
import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.subscriptions import ListenHandler
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    CompleteRequestParams,
    CompleteResult,
    EmptyResult,
    GetPromptRequestParams,
    GetPromptResult,
    InputRequiredResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    RequestParams,
    SetLevelRequestParams,
    SubscribeRequestParams,
    SubscriptionsListenRequestParams,
    UnsubscribeRequestParams,
)
from pydantic import BaseModel

from mcp_server.activity.write_journal import SERVER, Journal
from mcp_server.server.catalogue import catalogue
from mcp_server.server.http.app import Site, application
from mcp_server.server.http.callers import Callers, StoredTokens
from mcp_server.server.http.connections import configured
from mcp_server.server.http.gate import Rates
from mcp_server.server.metrics import Metrics
from mcp_server.server.tool_call import Client
from mcp_server.server.tool_server import Request, build
from mcp_server.server.wiring import context_of
from mcp_server.system.files import Files
from tests.conformance.pages import PROMPTS, RESOURCES, TEMPLATES, get_prompt, read_resource
from tests.conformance.rounds import ROUNDS
from tests.conformance.tools import BUS, CALLS, PARAMETERS, Result

FIXTURES = {**CALLS, **ROUNDS}
_COMPLETION: Result = {"completion": {"values": ["paris", "park", "party"], "total": 3, "hasMore": False}}


def _tool(name: str) -> dict[str, Any]:
    properties = PARAMETERS.get(name, {})
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"name": name, "description": name, "inputSchema": schema}


def constant(result: Result) -> Any:
    async def handle(_: Request, __: RequestParams) -> Result:
        return result

    return handle


def _typed(handler: Any, kind: type[BaseModel]) -> Any:
    """The fixtures answer with plain documents; the SDK gives a model what a revision adds to a result."""

    async def handle(ctx: Request, params: Any) -> BaseModel:
        result: Any = await handler(ctx, params)
        if isinstance(result, BaseModel):
            return result
        asks = result.get("resultType") == "input_required"
        return (InputRequiredResult if asks else kind).model_validate(result)

    return handle


def mount(server: Server[Any]) -> None:
    """The fixtures, beside what the server has."""
    listed, called = server.get_request_handler("tools/list"), server.get_request_handler("tools/call")
    assert listed
    assert called

    async def list_tools(ctx: Request, params: PaginatedRequestParams) -> Result:
        own: Any = await listed.handler(ctx, params)
        return {"tools": [*own.model_dump(by_alias=True, exclude_none=True)["tools"], *map(_tool, FIXTURES)]}

    async def call_tool(ctx: Request, params: CallToolRequestParams) -> Any:
        return await FIXTURES.get(params.name, called.handler)(ctx, params)

    for method, params, handler, result in (
        ("tools/list", PaginatedRequestParams, list_tools, ListToolsResult),
        ("tools/call", CallToolRequestParams, call_tool, CallToolResult),
        ("prompts/list", PaginatedRequestParams, constant({"prompts": PROMPTS}), ListPromptsResult),
        ("prompts/get", GetPromptRequestParams, get_prompt, GetPromptResult),
        ("resources/list", PaginatedRequestParams, constant({"resources": RESOURCES}), ListResourcesResult),
        (
            "resources/templates/list",
            PaginatedRequestParams,
            constant({"resourceTemplates": TEMPLATES}),
            ListResourceTemplatesResult,
        ),
        ("resources/read", ReadResourceRequestParams, read_resource, ReadResourceResult),
        ("resources/subscribe", SubscribeRequestParams, constant({}), EmptyResult),
        ("resources/unsubscribe", UnsubscribeRequestParams, constant({}), EmptyResult),
        ("logging/setLevel", SetLevelRequestParams, constant({}), EmptyResult),
        ("completion/complete", CompleteRequestParams, constant(_COMPLETION), CompleteResult),
    ):
        server.add_request_handler(method, params, _typed(handler, result))
    server.add_request_handler("subscriptions/listen", SubscriptionsListenRequestParams, ListenHandler(BUS))
    server.middleware.append(RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience="conformance"))


def main(port: int) -> None:
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", port)) as listener:
        state = Path(folder)
        metrics = Metrics(Journal(state, SERVER))
        client = Client(lambda: context_of(os.environ, state), metrics.calls("conformance"))
        server = build(catalogue(), lambda _: client)
        mount(server)
        site = Site(f"http://127.0.0.1:{listener.getsockname()[1]}")
        callers = Callers(StoredTokens(Files(state), state), open_to_readers=True)
        app = application(server, site, callers, metrics, Rates(a_second=1000, burst=1000))
        print(site.url, flush=True)  # noqa: T201
        asyncio.run(uvicorn.Server(configured(app)).serve([listener]))


if __name__ == "__main__":
    main(int(sys.argv[1]))
