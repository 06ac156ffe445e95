"""A stand-in for the model behind the Gemini CLI: its streaming API on loopback, one answer after another.

A fake stands here because a real model cannot: no network, no credentials. The client is the real one.
"""

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class GeminiModel:
    """Answers the n-th request with the n-th text, the last one over again; keeps the requests' paths and bodies."""

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers, self.requests = answers, list[tuple[str, dict[str, Any]]]()

    def __enter__(self) -> Self:
        model = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Quiet."""

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
                model.requests.append((self.path, body))
                text = model.answers[min(len(model.requests), len(model.answers)) - 1]
                content = {"role": "model", "parts": [{"text": text}]}
                answer = {"candidates": [{"content": content, "finishReason": "STOP", "index": 0}]}
                data = f"data: {json.dumps(answer)}\n\n".encode()
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
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
