"""Fixture prompts and resources."""

import json
import re
from typing import Any

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, GetPromptRequestParams, ReadResourceRequestParams

from mcp_server.server.tool_server import Request
from tests.conformance.rounds import ask, given, required
from tests.conformance.tools import IMAGE, PNG, Result, embedded

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "test_simple_prompt": (),
    "test_prompt_with_arguments": ("arg1", "arg2"),
    "test_prompt_with_embedded_resource": ("resourceUri",),
    "test_prompt_with_image": (),
    "test_input_required_result_prompt": (),
}
PROMPTS = [
    {"name": name, "description": name, "arguments": [{"name": one, "required": True} for one in arguments]}
    for name, arguments in ARGUMENTS.items()
]
RESOURCES = [
    {"uri": f"test://{name}", "name": name, "description": name, "mimeType": mime}
    for name, mime in {
        "static-text": "text/plain",
        "static-binary": "image/png",
        "watched-resource": "text/plain",
    }.items()
]
TEMPLATES = [
    {
        "uriTemplate": "test://template/{id}/data",
        "name": "template",
        "description": "By its id",
        "mimeType": "application/json",
    }
]


async def get_prompt(_: Request, params: GetPromptRequestParams) -> Result:
    arguments = params.arguments or {}
    match params.name:
        case "test_simple_prompt":
            return _messages("This is a simple prompt for testing.")
        case "test_prompt_with_arguments":
            return _messages(f"Prompt with arguments: arg1='{arguments.get('arg1')}', arg2='{arguments.get('arg2')}'")
        case "test_prompt_with_embedded_resource":
            page = embedded(arguments["resourceUri"], "text/plain", "Embedded resource content for testing.")
            return _messages(page, "Please process the embedded resource above.")
        case "test_prompt_with_image":
            return _messages(IMAGE, "Please analyze the image above.")
        case "test_input_required_result_prompt":
            if "user_context" in given(params):
                return _messages("With context")
            return required(user_context=ask("What context should the prompt use?", context="string"))
        case _:
            raise MCPError(INVALID_PARAMS, f"no prompt {params.name}")


def _messages(*content: dict[str, Any] | str) -> Result:
    blocks = [{"type": "text", "text": block} if isinstance(block, str) else block for block in content]
    return {"messages": [{"role": "user", "content": block} for block in blocks]}


async def read_resource(_: Request, params: ReadResourceRequestParams) -> Result:
    uri = str(params.uri)
    if by_template := re.fullmatch(r"test://template/([^/]+)/data", uri):
        document = {"id": by_template[1], "templateTest": True, "data": f"Data for ID: {by_template[1]}"}
        return _contents(uri, "application/json", text=json.dumps(document))
    match uri:
        case "test://static-text":
            return _contents(uri, "text/plain", text="This is the content of the static text resource.")
        case "test://static-binary":
            return _contents(uri, "image/png", blob=PNG)
        case "test://watched-resource":
            return _contents(uri, "text/plain", text="Watched")
        case _:
            raise MCPError(INVALID_PARAMS, "Resource not found", {"uri": uri})


def _contents(uri: str, mime: str, **body: str) -> Result:
    return {"contents": [{"uri": uri, "mimeType": mime, **body}]}
