"""Turns loose arguments into an operation's parameters, or an error that the caller can act on."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.operation.operation import Operation, Params


def parameters(operation: Operation, arguments: Mapping[str, Any]) -> Params:
    """Validate `arguments`; an `invalid` error names the first wrong one, its value and what is accepted."""
    try:
        return operation.params.model_validate(dict(arguments))
    except ValidationError as error:
        raise _explained(operation, error.errors(include_url=False)[0]) from None


def _explained(operation: Operation, first: ErrorDetails) -> OpsError:
    name = ".".join(str(part) for part in first["loc"]) or operation.name
    known = ", ".join(operation.params.model_fields)
    match first["type"]:
        case "extra_forbidden":
            return OpsError(
                "invalid", f"{operation.name} has no argument {shown(name)}", f"It takes: {known or 'none'}"
            )
        case "missing":
            return OpsError(
                "invalid", f"{operation.name} needs the argument {name}", f"Give {name}; it takes: {known}"
            )
        case _:
            reason = first["msg"][:1].lower() + first["msg"][1:]
            return OpsError("invalid", f"{name}: {reason}, got {shown(first['input'])}", f"Give {name} in that form")
