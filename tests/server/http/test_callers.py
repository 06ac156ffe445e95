"""Who is let in over HTTP, and what they may do, on real sockets."""

import hmac
import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.secret import Secret
from mcp_server.operation.operation import Effect
from mcp_server.server.catalogue import catalogue
from mcp_server.server.http.tokens import HttpToken, digest_of, encode, matching
from tests.fixtures.served import BOUND, CLI, Served, inside, ops, revoke, served, token

READS = {operation.name for operation in catalogue() if operation.effect is Effect.READ}
ALL = {operation.name for operation in catalogue()}


def tokens_file() -> Path:
    return Path(os.environ["OPS_HOME"]) / "tokens.json"


def refused(server: Served, given: str | None = None) -> httpx.Response:
    reply = server.post({"jsonrpc": "2.0", "id": 1, "method": "ping"}, given)
    assert reply.status_code == 401, reply.text
    return reply


def test_before_a_token_was_made_this_host_may_read_and_nobody_may_write(fleet: DemoFleet) -> None:
    with served(fleet.agent("ops-1")) as server:
        assert server.tools() == READS
        assert server.call("index_check", problem="login expired")["structuredContent"]["match"] is True
        result = server.call("incident_open", title="x", severity="sev4", summary="y")
        assert result["structuredContent"]["error"]["kind"] == "denied"
        assert "ops serve token add" in result["content"][0]["text"]


def test_once_there_is_a_token_nobody_comes_in_without_one_and_is_told_where_to_ask() -> None:
    with inside() as server:
        assert server.tools() == READS
        token("opus-1")
        challenge = refused(server).headers["www-authenticate"]
        assert challenge.startswith("Bearer ")
        metadata = httpx.get(challenge.partition('resource_metadata="')[2].partition('"')[0], timeout=BOUND).json()
        assert metadata["resource"] == server.url
        assert metadata["scopes_supported"] == ["read", "write"]
        assert metadata["bearer_methods_supported"] == ["header"]


def test_a_read_token_sees_no_tool_that_writes_and_cannot_call_one(fleet: DemoFleet) -> None:
    given = token("ops-1")
    with served(fleet.agent("pm-1")) as server:
        assert server.tools(given) == READS
        result = server.call("incident_open", given, title="x", severity="sev4", summary="y")
        assert result["isError"]
        assert result["structuredContent"]["error"]["kind"] == "denied"
    assert not (Path(os.environ["OPS_HOME"]) / "logs" / "audit.jsonl").read_text().count("incident_open")


def test_a_write_is_its_holders_and_stands_in_the_trail_under_its_name(fleet: DemoFleet) -> None:
    given = token("ops-1", "write")
    with served(fleet.agent("pm-1")) as server:
        assert server.tools(given) == ALL
        made = server.call("incident_open", given, title="Logins ended", severity="sev2", summary="seen")
        assert Path(made["structuredContent"]["path"]).is_relative_to(fleet.agent("ops-1"))
    trail = (Path(os.environ["OPS_HOME"]) / "logs" / "audit.jsonl").read_text().splitlines()
    begun = next(entry for line in trail if (entry := json.loads(line)).get("operation") == "incident_open")
    assert (begun["agent"], begun["surface"]) == ("ops-1", "http")


def test_a_token_ends_when_it_is_revoked_and_when_its_time_is_over() -> None:
    revoked, kept = token("opus-1"), token("opus-2")
    with inside() as server:
        assert server.tools(revoked) == server.tools(kept) == READS
        revoke("opus-1")
        refused(server, revoked)
        refused(server, revoked.upper())
        assert server.tools(kept) == READS
        now = datetime.now(UTC)
        over = HttpToken("opus-3", digest_of(Secret("ops_x")), ("read",), now - timedelta(2), now - timedelta(1))
        tokens_file().write_bytes(encode([over]))
        refused(server, "ops_x")
        refused(server, kept)
        refused(server)
        assert ops("serve", "token", "list")["tokens"][0]["expired"] is True


def test_a_session_is_its_openers_alone() -> None:
    ours, theirs = token("opus-1"), token("opus-2")
    opening: dict[str, Any] = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "x", "version": "1"},
    }
    with inside() as server:
        opened = server.post({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": opening}, ours)
        session = {"mcp-session-id": opened.headers["mcp-session-id"]}
        ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
        assert server.post(ping, ours, **session).status_code == 200
        assert server.post(ping, theirs, **session).status_code == 404


def test_of_a_token_only_its_hash_is_kept_where_nobody_else_can_read() -> None:
    given = token("opus-1")
    kept = tokens_file()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert given not in kept.read_text()
    with inside() as server:
        kept.chmod(0o644)
        refused(server, given)
        refused(server)
        kept.chmod(0o600)
        assert server.tools(given) == READS
        kept.write_text("{")
        refused(server, given)
    assert ops("serve", "token", "list")["error"]["kind"] == "invalid"


def test_every_hash_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    tokens = [HttpToken(str(i), digest_of(Secret(str(i))), ("read",), now, now + timedelta(1)) for i in range(5)]
    compared: list[str] = []

    def compare(ours: str, theirs: str) -> bool:
        compared.append(ours)
        return ours == theirs

    monkeypatch.setattr(hmac, "compare_digest", compare)
    found = matching(tokens, Secret("2"), now)
    assert found
    assert found.name == "2"
    assert compared == [token.digest for token in tokens]


def test_two_tokens_of_one_name_are_refused_and_an_expired_one_is_replaced() -> None:
    assert ops("serve", "token", "add", "opus-1", "--scope", "write")["scopes"] == ["read", "write"]
    assert ops("serve", "token", "add", "opus-1")["error"]["kind"] == "conflict"
    [row] = ops("serve", "token", "list")["tokens"]
    now = datetime.now(UTC)
    tokens_file().write_bytes(encode([HttpToken("opus-1", "0" * 64, ("read",), now, now)]))
    token("opus-1")
    assert len(ops("serve", "token", "list")["tokens"]) == 1
    assert row["expired"] is False


@pytest.mark.parametrize("where", ["0.0.0.0:0", "[::]:0"])
def test_beyond_loopback_it_listens_only_once_there_is_a_token(where: str, tmp_path: Path) -> None:
    command = [*CLI, "--json", "serve", "--http", where]
    done = subprocess.run(command, capture_output=True, timeout=BOUND, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["kind"] == "denied"
    given = token("opus-1")
    with served(tmp_path, where=where) as server:
        server.url = f"http://127.0.0.1:{server.port}/mcp"
        refused(server)
        assert server.tools(given) == READS
        revoke("opus-1")
        refused(server)
    assert "unencrypted" in server.errors_file.read_text()


def test_a_remote_caller_names_no_folder_outside_the_fleet(fleet: DemoFleet, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    subprocess.run(["git", "clone", "-q", fleet.agent("opus-1"), elsewhere], check=True)
    with served(fleet.agent("ops-1")) as server:
        for cwd in (str(elsewhere), "../..", "/"):
            result = server.call("guard_check", command="git push origin main", cwd=cwd)
            assert result["structuredContent"]["error"]["kind"] == "denied", cwd
        inside = server.call("guard_check", command="git push origin main", cwd=str(fleet.agent("opus-1")))
        assert inside["structuredContent"]["verdict"] == "deny"


def test_no_login_of_the_one_who_started_it_is_in_the_server(tmp_path: Path) -> None:
    canary = "sk-ant-" + "oat01-" + "canary-made-up-canary"
    with served(tmp_path, CLAUDE_CODE_OAUTH_TOKEN=canary, AGENT_NAME="opus-9") as server:
        assert server.tools()
        environment = Path(f"/proc/{server.process.pid}/environ").read_bytes()
    assert b"canary" not in environment
    assert b"opus-9" not in environment
