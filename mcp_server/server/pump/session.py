"""One client's session, as seen in the lines that pass: unanswered requests, and the handshake to replay."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ENVELOPE = b"io.modelcontextprotocol/protocolVersion"
_INTERNAL = -32603
_UNREAD, _UNREAD_BYTES = 16, 1 << 16
"How many lines, and bytes of them, are kept unparsed: a start need not wait for `json` to load."


class Session:
    """`replay`: the lines of the older protocol's handshake as the client sent them; the newer protocol has none."""

    def __init__(self, replay: list[bytes] | None = None) -> None:
        self._replay = list(replay or [])
        self._unanswered: dict[str | int, tuple[str, bool]] = {}
        self._unread: list[tuple[bytes, bool]] = []
        self._unread_bytes = 0
        self._swallowed: object = None

    @property
    def may_wait(self) -> bool:
        """Whether the client may be waiting for an answer; cheaper than `unanswered`, which is certain."""
        return bool(self._unread or self._unanswered)

    @property
    def unanswered(self) -> dict[str | int, tuple[str, bool]]:
        """The requests without an answer: the method of each, and whether it uses the newer protocol."""
        for line, by_client in self._unread:
            (self._note_request if by_client else self._note_answer)(line)
        self._unread, self._unread_bytes = [], 0
        return self._unanswered

    def take_from_client(self, line: bytes) -> None:
        self._keep(line, by_client=True)

    def passes(self, line: bytes) -> bool:
        """Whether a line of the server is for the client; the answer to a replayed handshake is not."""
        if self._swallowed is not None and _answers(_message(line)) == self._swallowed:
            self._swallowed = None
            return False
        self._keep(line, by_client=False)
        return True

    def _keep(self, line: bytes, *, by_client: bool) -> None:
        self._unread.append((line, by_client))
        self._unread_bytes += len(line)
        if len(self._unread) > _UNREAD or self._unread_bytes > _UNREAD_BYTES:
            _ = self.unanswered

    def _note_request(self, line: bytes) -> None:
        match _message(line):
            case {"method": str(method), "id": str() | int() as request} if not isinstance(request, bool):
                self._unanswered[request] = method, _ENVELOPE in line
                if method == "initialize":
                    self._replay = [line]
            case {"method": "notifications/initialized"} if self._replay:
                self._replay = [self._replay[0], line]
            case {"method": "notifications/cancelled", "params": {"requestId": str() | int() as request}}:
                self._unanswered.pop(request, None)
            case _:
                pass

    def _note_answer(self, line: bytes) -> None:
        if (request := _answers(_message(line))) is not None:
            self._unanswered.pop(request, None)

    def resume(self) -> bytes:
        """What to send to a new server before anything else."""
        _ = self.unanswered
        if self._replay:
            self._swallowed = _message(self._replay[0])["id"]
        return b"".join(self._replay)

    def lost(self, message: str, advice: str) -> bytes:
        """The lines for the client once the server is gone: one error for each unanswered request."""
        if not self.may_wait:
            return b""
        import json  # noqa: PLC0415

        answers = [_failed(request, *how, message, advice) for request, how in self.unanswered.items()]
        self._unanswered.clear()
        return b"".join(json.dumps({"jsonrpc": "2.0", **answer}).encode() + b"\n" for answer in answers)


def _failed(request: str | int, method: str, modern: bool, message: str, advice: str) -> dict[str, Any]:
    text = f"{message}\nNext: {advice}"
    if method != "tools/call":
        return {"id": request, "error": {"code": _INTERNAL, "message": text}}
    document = {"error": {"kind": "unavailable", "message": message, "next": advice}}
    result = {"content": [{"type": "text", "text": text}], "structuredContent": document, "isError": True}
    return {"id": request, "result": result | ({"resultType": "complete"} if modern else {})}


def _answers(message: dict[str, Any]) -> str | int | None:
    """The id of the request that a message of the server answers, if it answers one."""
    request = None if "method" in message else message.get("id")
    return request if isinstance(request, str | int) else None


def _message(line: bytes) -> dict[str, Any]:
    import json  # noqa: PLC0415

    try:
        message: object = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}  # pyright: ignore[reportUnknownVariableType]
