"""The tools as clients see them: a snapshot of the list, a token budget, and a description for everything."""

import json
from pathlib import Path
from typing import Any

import bpe_openai
import pytest

from mcp_server.cli.parser import words
from mcp_server.operation.operation import Effect
from mcp_server.server.catalogue import COMMANDS, OPTIONS, catalogue, operation, shell_catalogue
from mcp_server.server.catalogue import TOOLS as TOOL_MODULES
from mcp_server.server.tools import definitions

ROOT = Path(__file__).resolve().parents[2]
TOOLS = definitions(catalogue())
MOST_TOKENS_OF_ALL, MOST_TOKENS_OF_ONE = 2_500, 170

every_tool = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool["name"])


def tokens(value: object) -> int:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(bpe_openai.get_encoding("o200k_base").encode(text))


def test_the_shipped_list_equals_the_servers() -> None:
    """If this fails, run: python -m mcp_server.server.tools > mcp_server/server/tools.json."""
    assert json.loads((ROOT / "mcp_server" / "server" / "tools.json").read_text()) == TOOLS


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
    for known, tool in zip(catalogue(), TOOLS, strict=True):
        assert tool["annotations"]["readOnlyHint"] is (known.effect is Effect.READ)


def test_the_catalogue_names_the_module_of_each_operation() -> None:
    for name in [*TOOL_MODULES, *COMMANDS]:
        assert (operation(name).name, operation(name).flag_of) == (name, None)
    for command, (name, _) in OPTIONS.items():
        assert (operation(name).name, operation(name).flag_of) == (name, command)


def test_a_shell_command_loads_only_the_operations_it_may_name() -> None:
    def meant(call: str) -> set[str]:
        return {operation.name for operation in shell_catalogue(words(call.split()))}

    assert meant("--fleet somewhere fleet --json audit opus-1") == {"fleet_audit"}
    assert meant("docs check --fix") == {"docs_check", "docs_fix"}
    assert meant("serve token add pm") == {"serve_token_add"}
    assert meant("commit -m x file") == {"commit"}
    assert meant("serve --http 127.0.0.1:0") == {name for name in COMMANDS if name.startswith("serve_")}
    assert meant("--version") == meant("log --follow") == set()
    assert meant("fleet --help") == {"fleet_audit", "fleet_pull", "fleet_init", "fleet_fix"}
    assert meant("--help") == meant("flet audit") == {operation.name for operation in shell_catalogue()}


def test_names_are_noun_verb_and_unique() -> None:
    names = [operation.name for operation in shell_catalogue()]
    assert len(names) == len(set(names))
    assert [name for name in names if "_" not in name] == ["commit", "role"]
