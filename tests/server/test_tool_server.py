"""The MCP server over real stdio, shared and alone, in both protocol eras, as a client meets it."""

import json
import os
import random
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult

from tests.fixtures.lengths import MCP_LINES
from tests.server.invalid_requests import INVALID
from tests.server.pump.servers import sockets

ROOT = Path(__file__).resolve().parents[2]
ERAS = ["legacy", "auto"]
BOUND = 120
MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


PUMP = ["-I", "-S", str(ROOT / "mcp_server" / "server" / "pump" / "__main__.py")]


@pytest.fixture(autouse=True, params=["shared", "alone"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which server answers; nothing else may differ."""
    monkeypatch.setenv("OPS_SHARED", "1" if request.param == "shared" else "0")
    return request.param


def environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "OPS_HOME", "OPS_SHARED")}


@asynccontextmanager
async def connected(mode: str, cwd: Path) -> AsyncGenerator[Client]:
    """A client of the real server, in a folder that belongs to no fleet."""
    server = StdioServerParameters(command=sys.executable, args=PUMP, env=environment(), cwd=cwd)
    async with Client(server, mode=mode, read_timeout_seconds=60) as client:
        yield client


def results_of(mode: str, cwd: Path, calls: list[tuple[str, dict[str, Any]]]) -> list[CallToolResult]:
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
    for result in results_of(mode, tmp_path, calls):
        assert result.is_error
        error = result.structured_content["error"]
        assert error["message"]
        assert error["next"]
        kinds.append(error["kind"])
    assert kinds == ["not_found", "invalid", "invalid", "invalid", "invalid", "not_found"]


@pytest.mark.parametrize("mode", ERAS)
def test_an_answer_is_json_for_a_program_and_text_for_a_person(mode: str, tmp_path: Path) -> None:
    [result] = results_of(mode, tmp_path, [("index_check", {"problem": "login expired, please run /login"})])
    assert not result.is_error
    assert result.structured_content["match"] is True
    [block] = result.content
    assert block.type == "text"
    assert not block.text.startswith("{")


def test_nothing_is_left_of_a_session_when_its_client_leaves(tmp_path: Path) -> None:
    async def run() -> int:
        command = [sys.executable, *PUMP]
        async with await anyio.open_process(command, env=environment(), cwd=tmp_path) as it:
            assert it.stdin is not None
            await it.stdin.aclose()
            with anyio.fail_after(60):
                return await it.wait()

    assert anyio.run(run) == 0


@pytest.mark.parametrize("mode", ERAS)
def test_a_page_that_never_was_is_refused(mode: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with connected(mode, tmp_path) as client:
            with pytest.raises(MCPError, match="no cursor is valid"):
                await client.list_tools(cursor="2")

    anyio.run(run)


def answers_to(lines: list[bytes], cwd: Path) -> list[dict[str, Any]]:
    """What the server says to these lines and the end of its input."""
    done = subprocess.run(
        [sys.executable, *PUMP],
        input=b"".join(line + b"\n" for line in lines),
        stdout=subprocess.PIPE,
        env=environment(),
        cwd=cwd,
        timeout=120,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_bytes_at_random_end_no_session(tmp_path: Path) -> None:
    """Seeded: pieces of requests, cut, doubled and mixed with noise."""
    chance = random.Random(7)
    pieces = [
        b'{"jsonrpc":"2.0"',
        b'"id":',
        b"1",
        b"null",
        b'"method":"tools/call"',
        b'"params":{',
        b"}",
        b"[",
        b",",
        b'"',
    ]
    junk = (
        b"".join(chance.choices([*pieces, chance.randbytes(9)], k=chance.randrange(1, 30))) for _ in range(MCP_LINES)
    )
    lines = [line.replace(b"\n", b"") for line in junk]
    ping = b'{"jsonrpc": "2.0", "id": "last", "method": "ping"}'
    answers = answers_to([*lines, ping], tmp_path)
    assert all("error" in answer for answer in answers[:-1])
    assert answers[-1]["id"] == "last"


def test_a_line_that_cannot_be_read_is_told_and_the_session_goes_on(tmp_path: Path) -> None:
    lines = [b"{", b"\xff\xfe", b"x" * (9 << 20)]
    ping = b'{"jsonrpc": "2.0", "id": 7, "method": "ping"}'
    answers = answers_to([*lines, b"", ping], tmp_path)
    assert [answer["error"]["code"] for answer in answers if answer["id"] is None] == [-32700] * len(lines)
    assert [answer["id"] for answer in answers if answer["id"] is not None] == [7]


def test_an_invalid_request_is_answered_with_its_own_id(tmp_path: Path) -> None:
    ping = b'{"jsonrpc": "2.0", "id": "last", "method": "ping"}'
    answers = answers_to([*(line for line, _, _ in INVALID), ping], tmp_path)
    refused = [(answer["id"], answer["error"]["code"]) for answer in answers if answer["id"] != "last"]
    assert refused == [(request, code) for _, request, code in INVALID]
    assert len(answers) == len(INVALID) + 1


def test_a_megabyte_in_one_line_is_a_request_like_any_other(tmp_path: Path) -> None:
    call = {"name": "runbook_read", "arguments": {"name": "x" * (1 << 20)}}
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {**call, "_meta": MODERN}}
    [answer] = answers_to([json.dumps(request).encode()], tmp_path)
    assert answer["result"]["structuredContent"]["error"]["kind"] == "invalid"
    assert len(json.dumps(answer)) < 2000


def test_a_line_may_come_in_halves_and_one_that_stays_half_is_an_error(tmp_path: Path) -> None:
    ping = b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n'
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, *PUMP], stdin=pipe, stdout=pipe, env=environment(), cwd=tmp_path) as pump:
        assert pump.stdin
        assert pump.stdout
        for part in (ping[:9], ping[9:30], ping[30:] + ping[:20]):
            pump.stdin.write(part)
            pump.stdin.flush()
        assert json.loads(pump.stdout.readline())["id"] == 1
        rest, _ = pump.communicate(timeout=BOUND)
    assert [json.loads(line)["error"]["code"] for line in rest.splitlines()] == [-32700]


def test_the_shared_server_is_found_in_the_state_folder_and_a_lone_one_is_not(kind: str, tmp_path: Path) -> None:
    results_of("auto", tmp_path, [("runbook_read", {"name": "x"})])
    assert len(sockets(Path(os.environ["OPS_HOME"]))) == (kind == "shared")
