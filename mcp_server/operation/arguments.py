"""From loose arguments to an operation's parameters, with an error that the caller can act on."""

from collections.abc import Mapping
from typing import Any

from mcp_server.kernel.checked import MisfitError, described
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.operation.operation import Operation, Params


def parameters(operation: Operation, arguments: Mapping[str, Any]) -> Params:
    """The checked parameters; `invalid` names the first argument that is wrong, its value and what fits."""
    try:
        return operation.params.of(arguments)
    except MisfitError as error:
        raise refused(operation, error) from None


def refused(operation: Operation, error: MisfitError) -> OpsError:
    """The error of a call whose argument does not fit."""
    name, known = error.path[0], ", ".join(described(operation.params)) or "none"
    if error.fault == "unknown":
        return OpsError("invalid", f"{operation.name} has no argument {shown(name)}", f"It takes: {known}")
    if error.fault == "missing":
        return OpsError("invalid", f"{operation.name} needs the argument {name}", f"Give {name}; it takes: {known}")
    return OpsError("invalid", f"{name} {error.problem}, got {shown(error.value)}", f"Give {name} in that form")
