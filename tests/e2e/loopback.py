"""A server on loopback behind which a stand-in answers: started, read from and ended in one way."""

import json
import ssl
import threading
from abc import ABC, abstractmethod
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self


class Request(NamedTuple):
    """One request; `body` is the JSON document that was sent, `{}` for none."""

    method: str
    path: str
    authorization: str
    body: Any


class Answer(NamedTuple):
    body: bytes
    kind: str = "application/json"
    status: int = 200


def document(content: object, status: int = 200) -> Answer:
    """An answer in JSON."""
    return Answer(json.dumps(content).encode(), status=status)


def events(lines: str) -> Answer:
    """An answer as the stream of events that clients read."""
    return Answer(lines.encode(), "text/event-stream")


class Loopback(ABC):
    """Listens while it is entered, on a port of its own; with `tls` under that."""

    tls: ssl.SSLContext | None = None
    _server: ThreadingHTTPServer

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """What a stand-in says; called by a thread for each connection."""

    def __enter__(self) -> Self:
        stand_in = self

        class Handler(_Handler):
            def reply(self) -> None:
                self.give(stand_in.answer(self.parsed_request()))

        for method in ("GET", "HEAD", "POST", "PUT", "PATCH"):
            setattr(Handler, f"do_{method}", Handler.reply)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet: a test that fails shows what its stand-in was asked."""

    def parsed_request(self) -> Request:
        return Request(
            self.command, self.path, self.headers.get("authorization", ""), json.loads(self._sent() or b"{}")
        )

    def _sent(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        parts: list[bytes] = []
        while length := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(length))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def give(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("content-type", answer.kind)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
