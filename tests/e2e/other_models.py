"""Stand-ins on loopback for the models behind Codex (Responses API) and Gemini CLI: each has its client run lines.

Fakes stand here because the real models cannot: no network, no credentials. The clients are the real ones.
"""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass
class OtherModel:
    """Asks for one line after the other, then ends; `outputs` is what the client told of each."""

    lines: list[str]
    outputs: list[str] = field(default_factory=list[str])
    _server: ThreadingHTTPServer = field(init=False)

    def __enter__(self) -> Self:
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Quiet."""

            def do_GET(self) -> None:
                self.send("application/json", b'{"models":[]}')

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
                if self.path.startswith("/v1/responses"):
                    self.send("text/event-stream", model.codex(body))
                elif "streamGenerateContent" in self.path:
                    self.send("text/event-stream", model.gemini(body))
                else:
                    self.send("application/json", b'{"totalTokens":1,"candidates":[]}')

            def send(self, kind: str, data: bytes) -> None:
                self.send_response(200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

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

    def codex(self, body: dict[str, Any]) -> bytes:
        told = [item for item in body["input"] if item.get("type") == "function_call_output"]
        self.outputs = [json.dumps(item["output"]) for item in told]
        item: dict[str, Any] = {"type": "message", "id": "m", "role": "assistant", "content": []}
        if len(told) < len(self.lines):
            arguments = json.dumps({"cmd": self.lines[len(told)], "yield_time_ms": 30_000})
            item = {
                "type": "function_call",
                "id": f"f{len(told)}",
                "call_id": f"c{len(told)}",
                "name": "exec_command",
            }
            item |= {"arguments": arguments}
        usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
        events = [
            {"type": "response.created", "response": {"id": "r"}},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": {"id": "r", "usage": usage}},
        ]
        return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events).encode()

    def gemini(self, body: dict[str, Any]) -> bytes:
        parts = [part for content in body["contents"] for part in content.get("parts", [])]
        told = [part["functionResponse"] for part in parts if "functionResponse" in part]
        self.outputs = [json.dumps(each["response"]) for each in told] or self.outputs
        part: dict[str, Any] = {"text": "done"}
        if len(told) < len(self.lines):
            part = {"functionCall": {"name": "run_shell_command", "args": {"command": self.lines[len(told)]}}}
        candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
        usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
        return f"data: {json.dumps({'candidates': [candidate], 'usageMetadata': usage})}\n\n".encode()
