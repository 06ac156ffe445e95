"""One client's session, by the lines that pass: what is unanswered, and the handshake that a next server is told."""

import json
from typing import Any

_ENVELOPE = b"io.modelcontextprotocol/protocolVersion"
_INTERNAL = -32603


class Session:
    """`replay`: the lines of the older protocol's handshake, as they were; the newer one has none."""

    def __init__(self, replay: list[bytes] | None = None) -> None:
        self.replay = list(replay or [])
        self.unanswered: dict[str | int, tuple[str, bool]] = {}
        self.swallowed: object = None

    def said(self, line: bytes) -> None:
        """The client said this."""
        match _message(line):
            case {"method": str(method), "id": str() | int() as request}:
                self.unanswered[request] = method, _ENVELOPE in line
                if method == "initialize":
                    self.replay = [line]
            case {"method": "notifications/initialized"} if self.replay:
                self.replay = [self.replay[0], line]
            case {"method": "notifications/cancelled", "params": {"requestId": str() | int() as request}}:
                self.unanswered.pop(request, None)
            case _:
                pass

    def passes(self, line: bytes) -> bool:
        """Whether what the server said is for the client; the answer to a handshake that was replayed is not."""
        message = _message(line)
        if "method" in message or not isinstance(request := message.get("id"), str | int):
            return True
        if request == self.swallowed:
            self.swallowed = None
            return False
        self.unanswered.pop(request, None)
        return True

    def resume(self) -> bytes:
        """What a new server must hear before anything else."""
        if self.replay:
            self.swallowed = _message(self.replay[0])["id"]
        return b"".join(self.replay)

    def lost(self, message: str, advice: str) -> bytes:
        """The server is gone: one error for each request that it has not answered."""
        answers = [_failed(request, *how, message, advice) for request, how in self.unanswered.items()]
        self.unanswered.clear()
        return b"".join(json.dumps({"jsonrpc": "2.0", **answer}).encode() + b"\n" for answer in answers)


def _failed(request: str | int, method: str, modern: bool, message: str, advice: str) -> dict[str, Any]:
    text = f"{message}\nNext: {advice}"
    if method != "tools/call":
        return {"id": request, "error": {"code": _INTERNAL, "message": text}}
    document = {"error": {"kind": "unavailable", "message": message, "next": advice}}
    result = {"content": [{"type": "text", "text": text}], "structuredContent": document, "isError": True}
    return {"id": request, "result": result | ({"resultType": "complete"} if modern else {})}


def _message(line: bytes) -> dict[str, Any]:
    try:
        message: object = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}  # pyright: ignore[reportUnknownVariableType]
