"""Fixture tools that need input of their client, by rounds of the same request (2026-07-28)."""

from typing import Any

from mcp_types import CallToolRequestParams, ClientCapabilities, InputResponseRequestParams

from mcp_server.server.tool_server import Request
from tests.conformance.tools import Call, Result, result


def ask(message: str, **properties: str) -> dict[str, Any]:
    """An input request for a form with these fields, all required."""
    fields = {name: {"type": kind} for name, kind in properties.items()}
    schema = {"type": "object", "properties": fields, "required": list(fields)}
    return {"method": "elicitation/create", "params": {"mode": "form", "message": message, "requestedSchema": schema}}


def sample(text: str, most: int) -> dict[str, Any]:
    message = {"role": "user", "content": {"type": "text", "text": text}}
    return {"method": "sampling/createMessage", "params": {"messages": [message], "maxTokens": most}}


ROOTS: dict[str, Any] = {"method": "roots/list", "params": {}}
NAME = ask("What is your name?", name="string")


def required(state: str | None = None, **requests: dict[str, Any]) -> Result:
    result: Result = {"resultType": "input_required", "inputRequests": requests}
    return result if state is None else {**result, "requestState": state}


def given(params: InputResponseRequestParams) -> dict[str, Any]:
    """The responses, as plain documents."""
    responses = params.input_responses or {}
    return {name: response.model_dump(by_alias=True, exclude_none=True) for name, response in responses.items()}


def asking(state: str | None = None, **requests: dict[str, Any]) -> Call:
    """Asks until every request has its response, and the state has come back; then says what came."""

    async def call(_: Request, params: CallToolRequestParams) -> Result:
        responses = given(params)
        if not responses.keys() >= requests.keys() or params.request_state != state:
            return required(state, **requests)
        return result(f"{'state-ok' if state else 'got'}: {[responses[name] for name in requests]}")

    return call


async def _by_rounds(_: Request, params: CallToolRequestParams) -> Result:
    responses = given(params)
    match params.request_state:
        case "1" if "step1" in responses:
            return required("2", step2=ask("Step 2: What is your favorite color?", color="string"))
        case "2" if "step2" in responses:
            return result("done")
        case _:
            return required("1", step1=ask("Step 1: What is your name?", name="string"))


async def _what_the_client_can(ctx: Request, params: CallToolRequestParams) -> Result:
    has = ctx.session.client_capabilities or ClientCapabilities()
    able = {
        "user_name": NAME if has.elicitation else None,
        "capital": sample("Hello", 50) if has.sampling else None,
        "client_roots": ROOTS if has.roots else None,
    }
    requests = {name: request for name, request in able.items() if request}
    return required(None, **requests) if requests and not params.input_responses else result("done")


async def _streaming(ctx: Request, params: CallToolRequestParams) -> Result:
    await ctx.session.report_progress(0, 1)
    return result("done") if params.input_responses else required(user_name=NAME)


_CONFIRM = ask("Please confirm", ok="boolean")
ROUNDS: dict[str, Call] = {
    "test_streaming_elicitation": _streaming,
    "test_input_required_result_elicitation": asking(user_name=NAME),
    "test_input_required_result_sampling": asking(capital_question=sample("What is the capital of France?", 100)),
    "test_input_required_result_list_roots": asking(client_roots=ROOTS),
    "test_input_required_result_request_state": asking("ours", confirm=_CONFIRM),
    "test_input_required_result_tampered_state": asking("ours", confirm=_CONFIRM),
    "test_input_required_result_multiple_inputs": asking(
        "ours", user_name=NAME, greeting=sample("Generate a greeting", 50), client_roots=ROOTS
    ),
    "test_input_required_result_multi_round": _by_rounds,
    "test_input_required_result_capabilities": _what_the_client_can,
}
