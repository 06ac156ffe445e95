"""Speaks MCP over stdio while the environment is being made, then hands the session to the pump.

Clients give a server some 30 s to connect, and a first set-up can take longer. So the list of tools is answered from
the shipped `tools.json`, and calls wait. `server/discover` is unknown here: clients then fall back to `initialize`,
a session that can be handed over.
"""

import json
import os
import select
import sys
import time
from pathlib import Path
from typing import Any, cast

from mcp_server import __version__
from mcp_server.kernel.errors import OpsError
from mcp_server.server.introduction import INSTRUCTIONS, NAME, TITLE
from mcp_server.server.invalid_request import is_request, refusal
from mcp_server.server.pump.carry import carry
from mcp_server.setup.background import BackgroundSetUp
from mcp_server.setup.environment import RUNTIME, find

PATIENCE = 20.0  # seconds that a call waits for the environment before it is answered "call again"
_TICK = 0.1
_ERAS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
_NO_METHOD = -32601

Message = dict[str, Any]


def serve(root: Path) -> int:
    """Serve until the client leaves, through the pump as soon as the environment is ready; returns the exit code."""
    if target := find(root, RUNTIME):
        return carry(str(root), str(target.python))
    session = FirstStart(root, BackgroundSetUp(root))
    unread = b""
    while not (target := find(root, RUNTIME)):
        if select.select([0], [], [], _TICK)[0]:
            if not (chunk := os.read(0, 65536)):
                return 0
            *lines, unread = (unread + chunk).split(b"\n")
            for line in lines:
                session.take(line)
        session.answer_the_overdue(time.monotonic())
    return carry(
        str(root), str(target.python), [line + b"\n" for line in session.replay], session.unanswered() + unread
    )


class FirstStart:
    """One client's session until the real server takes it over."""

    def __init__(self, root: Path, setup: BackgroundSetUp) -> None:
        self.root = root
        self.setup = setup
        self.replay: list[bytes] = []
        self.waiting: dict[str | int, tuple[float, bytes]] = {}

    def take(self, line: bytes) -> None:
        """Answer one message, or keep it waiting."""
        message = _message(line)
        if is_request(message):
            self.request(message["id"], message["method"], line)
        elif isinstance(message.get("method"), str) and "id" not in message:
            self.notification(message["method"], line)
        elif line.strip() and not message.keys() & {"result", "error"}:
            self.send(refusal(line))

    def request(self, request: str | int, method: str, line: bytes) -> None:
        """Answer a request that needs no environment; a call waits."""
        if method == "tools/call":
            self.setup.restart_if_failed()
            self.waiting[request] = (time.monotonic() + PATIENCE, line)
        elif method == "initialize":
            self.replay = [line]
            self.send({"id": request, "result": introduction(line)})
        elif method == "tools/list":
            self.send({"id": request, "result": {"tools": self.tools()}})
        elif method == "ping":
            self.send({"id": request, "result": {}})
        else:
            self.send({"id": request, "error": {"code": _NO_METHOD, "message": f"Method not found: {method[:60]}"}})

    def notification(self, method: str, line: bytes) -> None:
        """A call that is cancelled while it waits must never run; `initialized` is for the real server too."""
        if method == "notifications/cancelled":
            match _params(line).get("requestId"):
                case str() | int() as request:
                    self.waiting.pop(request, None)
                case _:
                    pass
        elif method == "notifications/initialized":
            self.replay.append(line)

    def tools(self) -> object:
        """The list of the real server; a test keeps the two equal."""
        return json.loads((self.root / "mcp_server" / "server" / "tools.json").read_text(encoding="utf-8"))

    def answer_the_overdue(self, now: float) -> None:
        """Answer calls that waited long enough with the progress; if the set-up failed, all with the reason."""
        failure = self.setup.failure()
        for request, (deadline, _) in list(self.waiting.items()):
            if failure or now >= deadline:
                del self.waiting[request]
                self.send({"id": request, "result": _refusal(failure or self.setup.not_ready())})

    def unanswered(self) -> bytes:
        """The calls that are left for the real server."""
        return b"".join(line + b"\n" for _, line in self.waiting.values())

    def send(self, message: Message) -> None:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        sys.stdout.flush()


def introduction(hello: bytes) -> Message:
    """The real server's answer to `initialize`."""
    wanted = _params(hello).get("protocolVersion")
    return {
        "protocolVersion": wanted if wanted in _ERAS else _ERAS[0],
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": {"name": NAME, "title": TITLE, "version": __version__},
        "instructions": INSTRUCTIONS,
    }


def _params(line: bytes) -> Message:
    params = _message(line).get("params")
    return cast("Message", params) if isinstance(params, dict) else {}


def _message(line: bytes) -> Message:
    try:
        message: object = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return cast("Message", message) if isinstance(message, dict) else {}


def _refusal(error: OpsError) -> Message:
    text = f"{error.message}\nNext: {error.next}"
    return {"content": [{"type": "text", "text": text}], "structuredContent": error.document(), "isError": True}
