"""The arguments of a tool call, checked by pydantic models that are made from the operations' parameters."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from mcp_server.kernel.checked import Described, described
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.operation import arguments as by_description
from mcp_server.operation.operation import Operation, Params


def parameters(operation: Operation, arguments: Mapping[str, Any]) -> Params:
    """The checked parameters; `invalid` names the first argument that is wrong, its value and what fits."""
    try:
        model_of(operation.params).model_validate(dict(arguments))
    except ValidationError as error:
        by_description.parameters(operation, arguments)  # explains it in its own words
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"]))
        raise OpsError("invalid", f"{name}: {first['msg']}, got {shown(first['input'])}", f"Correct {name}") from None
    return by_description.parameters(operation, arguments)


@cache
def model_of(params: type[Params]) -> type[BaseModel]:
    """The model of these parameters: strict, nothing unknown accepted; the schema of a tool is made from it."""
    config = ConfigDict(extra="forbid", strict=True, frozen=True)
    if params.required_in_tools:
        config["json_schema_extra"] = {"required": list(params.required_in_tools)}
    fields: dict[str, Any] = {name: (_kind(field), _default(field)) for name, field in described(params).items()}
    return create_model(params.__name__, __config__=config, **fields)


def _kind(field: Described) -> Any:
    limits = {name: value for name, value in vars(field.limits).items() if value is not None}
    return Annotated[field.kind, Field(description=field.description, **limits)]


def _default(field: Described) -> Any:
    return ... if field.is_required else field.default
