"""How much one caller may take, and how long: the others are served meanwhile."""

import asyncio
import os
import socket
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from mcp_server.activity.write_journal import SERVER, Journal
from mcp_server.server.http.app import Sessions
from mcp_server.server.http.connections import Impatient
from mcp_server.server.http.gate import Gate, Rates
from mcp_server.server.metrics import Metrics
from tests.fixtures.served import BOUND, Served, inside, token

HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


def test_who_asks_too_often_is_told_to_wait_and_the_others_are_not() -> None:
    eager, quiet = token("opus-1"), token("opus-2")
    with inside(rates=Rates(a_second=0.001, burst=5)) as server:
        replies = [server.post(PING, eager) for _ in range(8)]
        assert [reply.status_code for reply in replies] == [400] * 5 + [429] * 3
        assert replies[-1].headers["retry-after"] == "1"
        assert server.post(PING, quiet).status_code == 400
        assert server.post(PING).status_code == 401


def test_who_has_too_many_requests_under_way_is_refused_more() -> None:
    with inside(rates=Rates(at_once=2)) as server:
        halves = [half_a_request(server) for _ in range(2)]
        assert server.post(PING).status_code == 429
        for half in halves:
            half.sendall(b"}")
            assert half.recv(1000).startswith(b"HTTP/1.1 400")
            half.close()
        assert server.post(PING).status_code == 400


def test_a_request_that_fails_gives_its_place_back() -> None:
    failing = True

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if failing:
            raise ConnectionError("the application failed")
        await PlainTextResponse("well")(scope, receive, send)

    async def status() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://ops") as client:
            return (await client.get("/")).status_code

    gate = Gate(app, Metrics(Journal(Path(os.environ["OPS_HOME"]), SERVER)), Rates(at_once=2))
    for _ in range(3):
        with pytest.raises(ConnectionError, match="the application failed"):
            asyncio.run(status())
    failing = False
    assert asyncio.run(status()) == 200


def test_callers_in_mind_are_bounded() -> None:
    with inside(rates=Rates(callers=3)) as server:
        for number in range(8):
            assert server.post(PING, token(f"opus-{number}")).status_code == 400


def connected(server: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), BOUND)


def half_a_request(server: Served) -> socket.socket:
    """All but the last byte of a body. What was sent is being awaited by the server when this returns."""
    link = connected(server)
    head = f"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:{server.port}\r\ncontent-type: application/json\r\n"
    link.sendall(f"{head}expect: 100-continue\r\ncontent-length: 2\r\n\r\n".encode())
    assert link.recv(1000).startswith(b"HTTP/1.1 100")
    link.sendall(b"{")
    return link


@pytest.mark.parametrize(
    "sent", [b"", b"POST /mcp HT", b"POST /mcp HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{"]
)
def test_a_connection_without_a_request_is_closed(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Impatient, "within", 0.3)
    with inside() as server:
        link = connected(server)
        link.sendall(sent)
        assert server.tools()
        with link, suppress(ConnectionResetError):
            assert link.recv(1000) == b""


def test_an_answer_may_take_longer_than_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Impatient, "within", 0.3)
    with inside() as server:
        stream = connected(server)
        stream.sendall(f"GET /mcp HTTP/1.1\r\nhost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        assert stream.recv(1000).startswith(b"HTTP/1.1 4")
        assert server.tools()
        stream.close()


def test_a_client_that_never_reads_holds_nobody_up() -> None:
    lazy, other = token("opus-1"), token("opus-2")
    with inside(rates=Rates(burst=10_000)) as server, connected(server) as link:
        link.setblocking(False)
        ask = f"GET /x HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {lazy}\r\n\r\n".encode()
        with suppress(BlockingIOError):
            for _ in range(100_000):
                link.send(ask * 10)
        for _ in range(3):
            assert server.tools(other)


def test_one_token_cannot_take_all_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sessions, "most_of_one", 3)
    greedy, other = token("opus-1"), token("opus-2")
    with inside(rates=Rates(burst=10_000)) as server:
        assert [server.post(HELLO, greedy).status_code for _ in range(5)] == [200] * 3 + [503] * 2
        assert server.post(HELLO, other).status_code == 200


def test_half_open_connections_of_one_address_lock_nobody_out() -> None:
    with inside() as server:
        halves = [connected(server) for _ in range(600)]
        for half in halves:
            half.sendall(b"POST /mcp HT")
        assert server.tools()
        for half in halves:
            half.close()
