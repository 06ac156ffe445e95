"""A stand-in for the model behind Claude Code: the Messages API on loopback, playing a script.

A fake stands here because a real model cannot: no network, no credentials. The client is the real one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.e2e.loopback import Answer, Loopback, Request, document, events


@dataclass(frozen=True)
class Call:
    """A turn in which the model calls one tool."""

    tool: str
    arguments: dict[str, Any]


Turn = str | Call


@dataclass
class ScriptedModel(Loopback):
    """Answers the n-th request of a conversation with the n-th turn; keeps what it was shown in `requests`.

    A conversation that begins with a prompt that holds a key of `others` (a subagent's) has turns of its own.
    """

    turns: Sequence[Turn]
    others: Mapping[str, Sequence[Turn]] = field(default_factory=dict[str, Sequence[Turn]])
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def answer(self, request: Request) -> Answer:
        if request.method == "POST" and request.path.split("?")[0] == "/v1/messages":
            parts = _events(self.message(request.body))
            return events("".join(f"event: {part['type']}\ndata: {json.dumps(part)}\n\n" for part in parts))
        if request.method == "HEAD":
            return Answer(b"")
        return document({"input_tokens": 1} if request.method == "POST" else {"data": [], "has_more": False})

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
