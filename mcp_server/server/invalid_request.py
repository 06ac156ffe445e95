"""The answer to what is not a JSON-RPC message; it has the id of the request, if that can be read."""

import json
from math import isfinite
from typing import Any, Final, NoReturn, cast

_NO_JSON: Final = (-32700, "Parse error: not JSON")
_NO_REQUEST: Final = (-32600, "Invalid Request: not a JSON-RPC 2.0 message")
_NO_PARAMS: Final = (-32602, "Invalid params: they must be an object")


def refusal(line: bytes) -> dict[str, Any]:
    """The error for a line that is not a message."""
    try:
        message: Any = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return _error(None, *_NO_JSON)
    fields = cast("dict[str, Any]", message) if isinstance(message, dict) else {}
    request = None if {"result", "error"} & fields.keys() else _id_of(fields)
    return _error(request, *(_NO_PARAMS if _has_form(fields) else _NO_REQUEST))


def is_request(fields: dict[str, Any]) -> bool:
    """Whether a document is a request."""
    return _has_form(fields) and isinstance(fields.get("params", {}), dict)


def _has_form(fields: dict[str, Any]) -> bool:
    """Whether it has the version, the method and the id of a request, whatever its parameters are."""
    named = isinstance(fields.get("method"), str) and isinstance(_id_of(fields), str | int)
    return named and fields.get("jsonrpc") == "2.0"


def _id_of(fields: dict[str, Any]) -> str | float | None:
    request = fields.get("id")
    if isinstance(request, float):
        return request if isfinite(request) else None
    return request if isinstance(request, str | int) and not isinstance(request, bool) else None


def _error(request: str | float | None, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request, "error": {"code": code, "message": message}}


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
