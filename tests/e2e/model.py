"""A stand-in for the model behind Claude Code: the Messages API on loopback, playing a script.

A fake stands here because a real model cannot: no network, no credentials. The client is the real one.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from uuid import uuid4


@dataclass(frozen=True)
class Call:
    """A turn in which the model calls one tool."""

    tool: str
    arguments: dict[str, Any]


Turn = str | Call


@dataclass
class ScriptedModel:
    """Answers the n-th request of a conversation with the n-th turn; keeps what it was shown in `requests`.

    A conversation that begins with a prompt that holds a key of `others` (a subagent's) has turns of its own.
    """

    turns: Sequence[Turn]
    others: Mapping[str, Sequence[Turn]] = field(default_factory=dict[str, Sequence[Turn]])
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    _server: ThreadingHTTPServer = field(init=False)

    def __enter__(self) -> Self:
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Quiet: pytest shows the requests where a test fails."""

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
                if self.path.split("?")[0] == "/v1/messages":
                    _send_events(self, model.message(body))
                else:
                    _send_json(self, {"input_tokens": 1})

            def do_GET(self) -> None:
                _send_json(self, {"data": [], "has_more": False})

            def do_HEAD(self) -> None:
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def message(self, body: dict[str, Any]) -> dict[str, Any]:
        """The message that answers one request; side requests without tools (titles, ...) use no turn."""
        if not body.get("tools"):
            return _message([{"type": "text", "text": "ok"}], "end_turn")
        self.requests.append(body)
        done = sum(message["role"] == "assistant" for message in body["messages"])
        first = json.dumps(body["messages"][0])
        turns = next((turns for key, turns in self.others.items() if key in first), self.turns)
        turn = turns[done] if done < len(turns) else "(the script is over)"
        if isinstance(turn, str):
            return _message([{"type": "text", "text": turn}], "end_turn")
        use = {"type": "tool_use", "id": f"toolu_{done:04d}", "name": turn.tool, "input": turn.arguments}
        return _message([use], "tool_use")

    @property
    def results(self) -> list[tuple[bool, str]]:
        """(is an error, text) of every tool result that the model was shown, in order."""
        return results_in(self.requests[-1]) if self.requests else []


def results_in(request: dict[str, Any]) -> list[tuple[bool, str]]:
    """(is an error, text) of every tool result in one request."""
    blocks = [block for message in request["messages"] for block in _blocks(message)]
    return [(bool(b.get("is_error")), _text(b["content"])) for b in blocks if b["type"] == "tool_result"]


def _blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    content: str | list[dict[str, Any]] = message["content"]
    return [] if isinstance(content, str) else content


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "\n".join(block.get("text", "") for block in content)


def _message(content: list[dict[str, Any]], stop_reason: str) -> dict[str, Any]:
    usage = {"input_tokens": 1, "output_tokens": 1, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    return {
        "id": f"msg_{uuid4().hex}",  # the client merges messages of one id
        "type": "message",
        "role": "assistant",
        "model": "scripted",
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": usage,
    }


def _events(message: dict[str, Any]) -> list[dict[str, Any]]:
    """A message as the stream of events that a client reads."""
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}}
    ]
    for index, block in enumerate(message["content"]):
        if block["type"] == "text":
            empty: dict[str, Any] = {"text": ""}
            delta = {"type": "text_delta", "text": block["text"]}
        else:
            empty = {"input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        events.append({"type": "content_block_start", "index": index, "content_block": {**block, **empty}})
        events.append({"type": "content_block_delta", "index": index, "delta": delta})
        events.append({"type": "content_block_stop", "index": index})
    stop = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    events.append({"type": "message_delta", "delta": stop, "usage": {"output_tokens": 1}})
    return [*events, {"type": "message_stop"}]


def _send_events(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
    lines = (f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in _events(message))
    _send(handler, "text/event-stream", "".join(lines).encode())


def _send_json(handler: BaseHTTPRequestHandler, document: dict[str, Any]) -> None:
    _send(handler, "application/json", json.dumps(document).encode())


def _send(handler: BaseHTTPRequestHandler, kind: str, body: bytes) -> None:
    handler.send_response(200)
    handler.send_header("content-type", kind)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
