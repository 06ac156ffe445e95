"""The HTTP server as a site: what it refuses to listen to, what it writes down, how it ends."""

import json
import os
import ssl
import subprocess
from pathlib import Path

import anyio
import httpx
import pytest
from mcp import Client

from tests.fixtures.served import BOUND, CLI, HEADERS, inside, ops, served, token
from tests.server.http.certificate import certificate
from tests.server.invalid_requests import INVALID

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


@pytest.mark.parametrize(("mode", "version"), [("legacy", "2025-11-25"), ("auto", "2026-07-28")])
def test_both_eras_are_spoken(mode: str, version: str, tmp_path: Path) -> None:
    async def run(url: str) -> None:
        async with Client(url, mode=mode, read_timeout_seconds=BOUND) as client:
            assert client.protocol_version == version
            result = await client.call_tool("index_check", {"problem": "login expired, please run /login"})
            assert result.structured_content["match"] is True

    with served(tmp_path) as server:
        anyio.run(run, server.url)


def test_a_page_that_had_its_name_point_here_is_refused() -> None:
    with inside() as server:
        assert server.post(PING, host="evil.example").status_code == 421
        assert server.post(PING, host=f"evil.example:{server.port}").status_code == 421
        assert server.post(PING, origin="https://evil.example").status_code == 403
        assert server.post(PING, origin=f"http://127.0.0.1:{server.port}").status_code == 400  # no session


def test_the_name_of_a_proxy_in_front_is_taken(tmp_path: Path) -> None:
    with served(tmp_path, "--url", "https://ops.example") as server:
        assert server.url == "https://ops.example/mcp"
        server.url = f"http://{server.listens}/mcp"
        assert server.post(PING, host="ops.example").status_code == 400
        assert server.post(PING, host="other.example").status_code == 421


def test_a_body_beyond_the_limit_is_refused_unread() -> None:
    with inside() as server:
        assert server.post(b"x" * (5 << 20)).status_code == 413
        assert server.post(b"{" * (1 << 20)).status_code == 400
        assert server.tools()


def test_an_invalid_request_is_answered_with_its_own_id() -> None:
    with inside() as server:
        replies = [server.post(line) for line, _, _ in INVALID]
    assert {reply.status_code for reply in replies} == {400}
    answers = [reply.json() for reply in replies]
    expected = [(request, code) for _, request, code in INVALID]
    assert [(answer["id"], answer["error"]["code"]) for answer in answers] == expected


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
def test_what_cannot_be_read_is_refused_and_the_next_request_is_served(version: str) -> None:
    with inside() as server:
        for body in (b"", b"{", b"\xff\xfe", b"[]", b"17", b"[" * 200_000, b'{"jsonrpc": "2.0"}'):
            reply = server.post(body, **{"mcp-protocol-version": version})
            assert reply.status_code == 400, (body[:20], reply.text)
            assert server.tools()


def test_what_it_writes_down_holds_no_token_and_no_query(tmp_path: Path) -> None:
    given, wrong = token("opus-1"), "ops_" + "canary" * 8
    with served(tmp_path) as server:
        assert server.tools(given)
        server.post(PING, wrong)
        httpx.get(
            f"{server.url}?token={wrong}", headers={**HEADERS, "authorization": f"Basic {wrong}"}, timeout=BOUND
        )
        httpx.get(f"{server.url}/{given}", timeout=BOUND)
        server.post(PING, given, host=given)
    state = Path(os.environ["OPS_HOME"])
    log = (state / "logs" / "server.jsonl").read_text()
    assert '"status": 401' in log
    assert '"agent": "opus-1"' in log
    for path in [server.errors_file, *(path for path in state.rglob("*") if path.is_file())]:
        text = path.read_text(errors="replace")
        assert given not in text, path
        assert "canary" not in text, path
    assert (state / "logs" / "server.jsonl").stat().st_mode & 0o777 == 0o600


def test_it_is_found_and_ended_like_the_shared_server(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        assert server.tools()
        [found] = ops("serve", "status")["servers"]
        assert found["pid"] == server.process.pid
        with subprocess.Popen([*CLI, "--json", "serve", "stop"], stdout=subprocess.PIPE) as stop:
            assert server.process.wait(BOUND) == 0
            assert json.loads(stop.communicate(timeout=BOUND)[0]) == {"stopped": [server.process.pid]}
    assert ops("serve", "status")["servers"] == []


def test_a_port_that_is_taken_is_told_with_who_to_look_for(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        error = ops("serve", "--http", f"127.0.0.1:{server.port}")["error"]
        assert error["kind"] == "unavailable"
        assert str(server.port) in error["next"]


@pytest.mark.parametrize("words", [["--http", "8080x"], ["--http", "127.0.0.1:0", "--tls-cert", "x"]])
def test_options_that_do_not_fit_are_a_usage_error(words: list[str]) -> None:
    assert ops("serve", *words)["error"]["kind"] == "invalid"


def test_it_speaks_tls_with_the_certificate_given(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    with served(tmp_path, "--tls-cert", str(cert), "--tls-key", str(key)) as server:
        assert server.url.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(cert))
        reply = httpx.post(server.url, json=PING, headers=HEADERS, verify=trusting, timeout=BOUND)
        assert reply.status_code == 400
        with pytest.raises(httpx.ConnectError, match="certificate"):
            httpx.post(server.url, json=PING, timeout=BOUND)
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.post(server.url.replace("https", "http"), json=PING, timeout=BOUND)


def test_a_key_that_fits_no_certificate_or_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    words = ["serve", "--http", "127.0.0.1:0", "--tls-cert", str(cert), "--tls-key"]
    assert ops(*words, str(cert))["error"]["kind"] == "invalid"
    key.chmod(0o644)
    assert ops(*words, str(key))["error"]["next"].startswith("chmod")
