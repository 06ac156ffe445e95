"""Requests at random, in both protocol eras: each is answered as HTTP and MCP want it, refused, or ended in time, and
the server goes on as before. OPS_HTTP_SEED draws others, OPS_FULL=1 more.
"""

import asyncio
import json
import logging
import os
import random
import re
import socket
from contextlib import ExitStack

import h11
import pytest
from starlette.requests import ClientDisconnect

from mcp_server.server.http.connections import Impatient
from mcp_server.server.http.gate import Rates
from tests.fixtures.lengths import HTTP_REQUESTS
from tests.fixtures.served import HEADERS, MODERN, Served, inside

SEED = int(os.environ.get("OPS_HTTP_SEED", "7"))
BOUND = 60.0
ANSWERED = {200, 202, 307, 400, 403, 404, 405, 406, 413, 415, 421, 431, 501}
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "fuzz", "version": "1"}}
CALL = {"name": "index_check", "arguments": {"problem": "login expired"}}


def opened(site: Served) -> str:
    """A session of the older protocol."""
    reply = site.post({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": HELLO})
    session = reply.headers["mcp-session-id"]
    heard = site.post({"jsonrpc": "2.0", "method": "notifications/initialized"}, **{"mcp-session-id": session})
    assert heard.status_code == 202
    return session


def is_alive(site: Served, session: str) -> bool:
    """Whether both eras are served, and a session that was opened before is still there."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": CALL}
    reply = site.post(body, **{"mcp-session-id": session, "mcp-protocol-version": "2025-11-25"})
    assert reply.status_code == 200, reply.text
    older = json.loads(reply.text.rpartition("data: ")[2])["result"]["structuredContent"]
    newer = site.call("index_check", problem="login expired")["structuredContent"]
    return older["match"] is newer["match"] is True


class Draw:
    """Random requests, each made from parts of a good one and from what spoils it."""

    def __init__(self, chance: random.Random, session: str) -> None:
        self.chance, self.session = chance, session

    def one(self) -> bytes:
        method = self.chance.choice(["POST"] * 40 + ["GET", "DELETE", "PUT", "HEAD", "OPTIONS", "BREW", "\x00\xff"])
        path = self.chance.choice(["/mcp"] * 40 + ["/", "/mcp/", "/mcp?x=%00", "/../mcp", "/" + "a" * 9000])
        body, headers = self.body(), self.headers()
        length = self.chance.choice([str(len(body))] * 40 + [str(len(body) + 9), "-1", "0", "9" * 30, "1e3"])
        headers += self.chance.choice([[("content-length", length)]] * 40 + [[("transfer-encoding", "chunked")], []])
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        version = self.chance.choice(["HTTP/1.1"] * 40 + ["HTTP/1.0", "HTTP/9.9", ""])
        whole = f"{method} {path} {version}\r\n{head}\r\n".encode("latin-1") + body
        return whole if self.chance.random() < 0.9 else whole[: self.chance.randrange(len(whole))]

    def headers(self) -> list[tuple[str, str]]:
        drawn = {
            "host": ["127.0.0.1"] * 40 + ["evil.example", "", "127.0.0.1:99999"],
            "content-type": ["application/json"] * 40 + ["text/plain", "application/json; charset=utf-16", ""],
            "accept": [HEADERS["accept"]] * 40 + ["*/*", "application/json", "text/html", ""],
            "mcp-protocol-version": ["2026-07-28"] * 30 + ["2025-11-25"] * 5 + ["2099-01-01", "latest", ""],
            "mcp-method": ["tools/call"] * 12 + ["tools/list", "", "x" * 300],
            "mcp-name": ["index_check"] * 12 + ["other", "\xe9\xff"],
            "mcp-session-id": [self.session] * 3 + ["0" * 32, "../../etc", "\xff" * 9, "a" * 5000],
            "origin": ["http://127.0.0.1"] * 40 + ["http://evil.example", "null"],
            "x-more": ["a", "b" * 70_000],
        }
        often = {
            "host": 0.98,
            "content-type": 0.95,
            "accept": 0.95,
            "mcp-protocol-version": 0.95,
            "mcp-method": 0.9,
            "mcp-name": 0.9,
        }
        kept = [name for name in drawn if self.chance.random() < often.get(name, 0.15)]
        return [(name, self.chance.choice(drawn[name])) for name in kept for _ in range(self.times())]

    def times(self) -> int:
        return 1 if self.chance.random() < 0.97 else 2

    def body(self) -> bytes:
        params: dict[str, object] = {**CALL, "_meta": MODERN} if self.chance.random() < 0.7 else {**CALL}
        message: dict[str, object] = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        for name in list(message):
            if self.chance.random() < 0.06:
                message[name] = self.value()
        good = json.dumps(message).encode()
        ways = [
            lambda: good,
            lambda: json.dumps([message, message]).encode(),
            lambda: good[: self.chance.randrange(len(good))],
            lambda: bytes(self.chance.randrange(256) if self.chance.random() < 0.02 else byte for byte in good),
            lambda: self.chance.randbytes(self.chance.randrange(2000)),
            lambda: b"[" * self.chance.randrange(1, 100_000),
            lambda: good.replace(b"login", b"\xff\xfe\xed\xa0\x80"),
            lambda: good.replace(b"login expired", b"x" * 1_000_000),
            lambda: b"\xef\xbb\xbf" + good,
            lambda: good.decode().encode("utf-16"),
            lambda: b"",
        ]
        return (ways[0] if self.chance.random() < 0.4 else self.chance.choice(ways))()

    def value(self) -> object:
        kinds: list[object] = [None, True, -1, 1.5, 10**40, "", "ping", "x" * 3000, [], [1], {}, {"name": {}}]
        return self.chance.choice([*kinds, float("nan"), "tools/list", "initialize", "notifications/cancelled"])


def status_of(port: int, request: bytes) -> int | None:
    """The status; None where the connection ended without one."""
    with socket.create_connection(("127.0.0.1", port), timeout=BOUND) as link:
        try:
            link.sendall(request)
            reply = link.recv(100)
        except (BrokenPipeError, ConnectionResetError):  # refused, and closed, before it had all
            return None
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", reply)
    assert found or not reply, reply
    return int(found[1]) if found else None


def is_complaint(record: logging.LogRecord) -> bool:
    """Clients may hang up, be answered 400 in the middle of a request, and leave a stream open to our end."""
    kind = record.exc_info[0] if record.exc_info else None
    harmless = kind in (ClientDisconnect, h11.LocalProtocolError, asyncio.CancelledError)
    return record.levelno >= logging.ERROR and not harmless and "graceful shutdown" not in record.getMessage()


def test_requests_at_random_are_answered_or_refused_and_the_server_goes_on(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Impatient, "within", 0.3)
    with inside(rates=Rates(a_second=1e6, burst=1e6)) as site, caplog.at_level(logging.ERROR):
        session = opened(site)
        draw = Draw(random.Random(SEED), opened(site))
        answers: list[int | None] = []
        for _ in range(HTTP_REQUESTS):
            request = draw.one()
            answers.append(status := status_of(site.port, request))
            assert status is None or status in ANSWERED, (SEED, status, request[:2000])
        assert is_alive(site, session)
    assert {200, 400, None} <= set(answers), "the draw meets them all"
    assert not [record.getMessage() for record in caplog.records if is_complaint(record)]


def test_who_sends_half_requests_for_ever_is_ended_and_nobody_waits_for_him(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Impatient, "within", 2.0)
    with inside(rates=Rates(a_second=1e6, burst=1e6)) as site, ExitStack() as stack:
        session = opened(site)
        draw = Draw(random.Random(SEED), session)
        links = [stack.enter_context(socket.create_connection(("127.0.0.1", site.port), BOUND)) for _ in range(40)]
        for link in links:
            request = draw.one()
            link.sendall(request[: max(1, len(request) // 3)][:60])
        assert is_alive(site, session)
        for link in links:
            try:
                while link.recv(65536):
                    pass
            except ConnectionResetError:
                continue
        assert is_alive(site, session)
