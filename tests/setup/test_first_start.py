"""The MCP server of a fresh install: it answers at once, calls wait for the environment, the real one takes over."""

import json
import queue
import subprocess
import threading
import time
from collections.abc import Generator
from typing import Any

import pytest

from mcp_server.setup.background import BackgroundSetUp
from mcp_server.setup.first_start import PATIENCE, FirstStart, introduction
from tests.server.invalid_requests import INVALID
from tests.setup.checkout import Checkout
from tests.setup.index import Index

HELLO: dict[str, object] = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}
CALL: dict[str, object] = {"name": "hello", "arguments": {}}


class Client:
    """Speaks lines of JSON with a server; every wait is bounded."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin
        assert process.stdout
        self.process, self.input = process, process.stdin
        self.lines: queue.Queue[str] = queue.Queue()
        output = process.stdout
        threading.Thread(target=lambda: [self.lines.put(line) for line in output], daemon=True).start()

    def send(self, method: str, request: int | None = None, **params: object) -> None:
        number = {} if request is None else {"id": request}
        print(
            json.dumps({"jsonrpc": "2.0", "method": method, **number, "params": params}), file=self.input, flush=True
        )

    def answer(self) -> dict[str, Any]:
        return json.loads(self.lines.get(timeout=120))

    def leave(self) -> int:
        self.input.close()
        code = self.process.wait(60)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        return code


@pytest.fixture
def client(checkout: Checkout, index: Index) -> Generator[Client]:
    """A client that has been greeted while the index is shut: the environment cannot be ready."""
    index.gate.clear()
    client = Client(checkout.start("bin/ops-mcp"))
    client.send("server/discover", 1)
    assert client.answer()["error"]["code"] == -32601
    client.send("initialize", 2, **HELLO)
    assert client.answer()["result"]["protocolVersion"] == "2025-11-25"
    client.send("notifications/initialized")
    yield client
    index.gate.set()
    client.leave()


def test_a_fresh_install_lists_its_tools_before_there_is_an_environment(client: Client) -> None:
    client.send("ping", 3)
    client.send("tools/list", 4)
    client.send("resources/list", 5)
    assert client.answer()["result"] == {}
    assert client.answer()["result"] == {"tools": [{"name": "hello"}]}
    assert client.answer()["error"]["code"] == -32601


def test_a_call_waits_for_the_environment_and_the_real_server_answers_it(
    client: Client, index: Index, checkout: Checkout
) -> None:
    client.send("tools/call", 3, **CALL)
    client.send("tools/call", 4, **CALL)
    client.send("notifications/cancelled", requestId=4)
    client.send("ping", 5)
    assert client.answer() == {"jsonrpc": "2.0", "id": 5, "result": {}}
    index.gate.set()
    first = client.answer()
    assert first == {"jsonrpc": "2.0", "id": 3, "result": {"by": "the real server", "of": CALL}}
    client.send("tools/call", 6, **CALL)
    assert client.answer()["id"] == 6, "the cancelled call 4 never ran"
    assert client.leave() == 0
    assert (checkout.home / "server-left").exists()


def test_the_next_start_is_the_real_servers(checkout: Checkout) -> None:
    assert checkout.run("bin/ops")[0] == 0
    client = Client(checkout.start("bin/ops-mcp"))
    client.send("initialize", 1, **HELLO)
    assert client.answer()["result"]["by"] == "the real server"
    assert client.leave() == 0


def test_the_set_up_goes_on_when_the_client_leaves_early(client: Client, index: Index, checkout: Checkout) -> None:
    assert index.requested.wait(60)
    assert client.leave() == 0
    index.gate.set()
    code, _, err = checkout.run("bin/ops")
    assert code == 0
    assert "\nops: 1/3" not in err


def test_a_failed_set_up_is_reported_and_tried_again(checkout: Checkout, index: Index) -> None:
    lock = checkout.folder / "requirements.lock"
    right = lock.read_text()
    lock.write_text(f"probe==1.0 --hash=sha256:{'0' * 64}\n")
    client = Client(checkout.start("bin/ops-mcp"))
    client.send("initialize", 1, **HELLO)
    client.answer()
    client.send("tools/call", 2, **CALL)
    refused = client.answer()["result"]
    assert refused["isError"] is True
    assert refused["structuredContent"]["error"]["kind"] == "unavailable"
    assert "pip could not install the packages" in refused["content"][0]["text"]
    assert "Next: Read " in refused["content"][0]["text"]
    lock.write_text(right)
    client.send("tools/call", 3, **CALL)
    assert client.answer()["result"]["by"] == "the real server"
    assert client.leave() == 0


def test_what_is_no_request_does_not_end_the_session(client: Client) -> None:
    for line in ("", '{"id": 9, "result": {}}', '{"method": "notifications/cancelled"}'):
        print(line, file=client.input, flush=True)
    for line, request, code in INVALID:
        if b"result" not in line:
            print(line.decode(), file=client.input, flush=True)
            answer = client.answer()
            assert (answer["id"], answer["error"]["code"]) == (request, code)
    client.send("ping", 3)
    assert client.answer()["id"] == 3


@pytest.fixture
def session(checkout: Checkout, index: Index, monkeypatch: pytest.MonkeyPatch) -> Generator[FirstStart]:
    """A session in this process, whose set-up waits for the index."""
    for name, value in checkout.env.items():
        monkeypatch.setenv(name, value)
    index.gate.clear()
    setup = BackgroundSetUp(checkout.folder)
    assert index.requested.wait(60)
    yield FirstStart(checkout.folder, setup)
    index.gate.set()
    setup.process.wait(120)
    setup.output.close()


def test_a_call_that_waited_long_enough_gets_the_progress(
    session: FirstStart, capsys: pytest.CaptureFixture[str]
) -> None:
    session.take(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": CALL}).encode())
    session.answer_the_overdue(time.monotonic())
    assert capsys.readouterr().out == ""
    session.answer_the_overdue(time.monotonic() + PATIENCE)
    text = json.loads(capsys.readouterr().out)["result"]["content"][0]["text"]
    assert text.startswith("ops is setting itself up, which it does once: 2/3 fetching packages")
    assert text.endswith("Next: Call again in a minute")
    assert session.unanswered() == b""


@pytest.mark.parametrize(
    ("requested", "given"), [("2024-11-05", "2024-11-05"), ("2026-07-28", "2025-11-25"), (None, "2025-11-25")]
)
def test_the_protocol_is_one_that_can_be_handed_over(requested: str | None, given: str) -> None:
    hello = json.dumps({"id": 1, "method": "initialize", "params": {"protocolVersion": requested}})
    assert introduction(hello.encode())["protocolVersion"] == given
