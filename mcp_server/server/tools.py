"""Operations as MCP tool definitions: plain JSON, made without the SDK.

`python -m mcp_server.server.tools` prints the content of `tools.json`, which a first start answers with while the
environment is still being made. A test keeps the two equal.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any, cast

from mcp_server.clients.claude import ASKS_HUMAN
from mcp_server.operation.operation import Effect, Operation
from mcp_server.server.arguments import model_of
from mcp_server.server.catalogue import catalogue

# Not needed by a model to call a tool; the server still checks the lengths.
_NOISE = {"title", "default", "minLength", "maxLength", "maxItems"}


def definitions(operations: Iterable[Operation]) -> list[dict[str, Any]]:
    """The `tools` of a tools/list result, in the catalogue's order."""
    return [definition(operation) for operation in operations]


def definition(operation: Operation) -> dict[str, Any]:
    """One tool: name, title, description, input schema, all four hints."""
    tool: dict[str, Any] = {
        "name": operation.name,
        "title": operation.title,
        "description": operation.summary,
        "inputSchema": input_schema(operation),
        "annotations": {
            "readOnlyHint": operation.effect is Effect.READ,
            "destructiveHint": operation.destructive,
            "idempotentHint": operation.idempotent,
            "openWorldHint": operation.open_world,
        },
    }
    if operation.human_only:
        tool["_meta"] = {ASKS_HUMAN: True}
    return tool


def input_schema(operation: Operation) -> dict[str, Any]:
    """The parameters' JSON schema without keys that cost tokens and do not help a model."""
    whole = model_of(operation.params).model_json_schema()
    properties = {
        name: _plain(schema)
        for name, schema in whole.get("properties", {}).items()
        if name not in operation.shell_only
    }
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if whole.get("required"):
        schema["required"] = whole["required"]
    return schema


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`X | None` becomes `X`; an optional parameter is already not in `required`."""
    kept = {key: value for key, value in schema.items() if key not in _NOISE}
    choices = cast("list[dict[str, Any]]", kept.pop("anyOf", []))
    for choice in choices:
        if choice.get("type") != "null":
            kept = {**_plain(choice), **kept}
    if isinstance(kept.get("items"), dict):
        kept["items"] = _plain(kept["items"])
    return kept


if __name__ == "__main__":
    json.dump(definitions(catalogue()), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
