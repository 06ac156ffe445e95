"""The MCP server over real stdio, in both protocol eras, as a client meets it."""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp_types import CallToolResult

ROOT = Path(__file__).resolve().parents[1]
ERAS = ["legacy", "auto"]


@asynccontextmanager
async def connected(mode: str, cwd: Path) -> AsyncGenerator[Client]:
    """A client of the real server process, in a folder that belongs to no fleet."""
    env = {name: os.environ[name] for name in ("PATH", "HOME", "OPS_HOME")} | {"PYTHONPATH": str(ROOT)}
    server = StdioServerParameters(command=sys.executable, args=["-m", "mcp_server.server"], env=env, cwd=cwd)
    async with Client(server, mode=mode, read_timeout_seconds=60) as client:
        yield client


def asked(mode: str, cwd: Path, calls: list[tuple[str, dict[str, Any]]]) -> list[CallToolResult]:
    """The results of these calls, in one connection."""

    async def run() -> list[CallToolResult]:
        async with connected(mode, cwd) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return anyio.run(run)


@pytest.mark.parametrize(("mode", "version"), [("legacy", "2025-11-25"), ("auto", "2026-07-28")])
def test_both_eras_are_spoken_with_title_and_instructions(mode: str, version: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with connected(mode, tmp_path) as client:
            assert client.protocol_version == version
            assert client.server_info is not None
            assert client.server_info.title == "Fleet operations"
            assert "index_check" in (client.instructions or "")
            names = [tool.name for tool in (await client.list_tools()).tools]
            assert {"index_check", "token_refresh", "config_sync", "incident_open", "fleet_audit"} <= set(names)

    anyio.run(run)


@pytest.mark.parametrize("mode", ERAS)
def test_what_cannot_be_answered_is_an_error_with_a_next_step(mode: str, tmp_path: Path) -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("fleet_audit", {}),
        ("fleet_audit", {"agents": "opus-1"}),
        ("fleet_audit", {"colour": "red"}),
        ("index_check", {}),
        ("index_check", {"problem": "x", "docs": ["/etc"]}),
        ("no_such_tool", {}),
    ]
    kinds: list[str] = []
    for result in asked(mode, tmp_path, calls):
        assert result.is_error
        error = result.structured_content["error"]
        assert error["message"]
        assert error["next"]
        kinds.append(error["kind"])
    assert kinds == ["not_found", "invalid", "invalid", "invalid", "invalid", "not_found"]


@pytest.mark.parametrize("mode", ERAS)
def test_an_answer_is_json_for_a_program_and_text_for_a_person(mode: str, tmp_path: Path) -> None:
    [result] = asked(mode, tmp_path, [("index_check", {"problem": "login expired, please run /login"})])
    assert not result.is_error
    assert result.structured_content["match"] is True
    [block] = result.content
    assert block.type == "text"
    assert not block.text.startswith("{")


def test_the_server_ends_when_its_client_leaves(tmp_path: Path) -> None:
    async def run() -> int:
        env = {name: os.environ[name] for name in ("PATH", "HOME", "OPS_HOME")} | {"PYTHONPATH": str(ROOT)}
        async with await anyio.open_process([sys.executable, "-m", "mcp_server.server"], env=env, cwd=tmp_path) as it:
            assert it.stdin is not None
            await it.stdin.aclose()
            with anyio.fail_after(30):
                return await it.wait()

    assert anyio.run(run) == 0
