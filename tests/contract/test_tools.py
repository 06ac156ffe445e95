"""The tools as clients see them: one golden list, a token budget, nothing undescribed."""

import json
from pathlib import Path
from typing import Any

import bpe_openai
import pytest

from mcp_server.ports import Effect
from mcp_server.tools import definitions
from mcp_server.wiring import catalogue, shell_catalogue

ROOT = Path(__file__).resolve().parents[2]
TOOLS = definitions(catalogue())
MOST_TOKENS_OF_ALL, MOST_TOKENS_OF_ONE = 2_500, 170

every_tool = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool["name"])


def tokens(value: object) -> int:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(bpe_openai.get_encoding("o200k_base").encode(text))


def test_the_shipped_list_equals_the_servers() -> None:
    """Renew it with: python -m mcp_server.tools > mcp_server/tools.json."""
    assert json.loads((ROOT / "mcp_server" / "tools.json").read_text()) == TOOLS


def test_all_tools_together_stay_in_the_token_budget() -> None:
    assert tokens({"tools": TOOLS}) <= MOST_TOKENS_OF_ALL


@every_tool
def test_a_tool_stays_in_its_token_budget(tool: dict[str, Any]) -> None:
    assert tokens(tool) <= MOST_TOKENS_OF_ONE


@every_tool
def test_a_tool_has_a_title_all_hints_and_takes_nothing_unknown(tool: dict[str, Any]) -> None:
    assert tool["title"]
    assert tool["description"]
    assert set(tool["annotations"]) == {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}
    assert tool["inputSchema"]["additionalProperties"] is False


@every_tool
def test_every_parameter_is_flat_and_described(tool: dict[str, Any]) -> None:
    for name, schema in tool["inputSchema"]["properties"].items():
        assert schema.get("description"), name
        assert schema.get("type") in ("string", "integer", "boolean", "array"), name
        assert schema.get("items", {}).get("type", "string") == "string", name


def test_a_write_is_never_called_read_only() -> None:
    for operation, tool in zip(catalogue(), TOOLS, strict=True):
        assert tool["annotations"]["readOnlyHint"] is (operation.effect is Effect.READ)


def test_names_are_noun_verb_and_unique() -> None:
    names = [operation.name for operation in shell_catalogue()]
    assert len(names) == len(set(names))
    assert [name for name in names if "_" not in name] == ["commit", "role"]
