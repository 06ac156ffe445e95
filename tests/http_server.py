"""A server on loopback that answers as it is told and keeps what it was sent."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Listener:
    """`answers` are used up one by one, the last stays; a status of 0 closes the connection without an answer."""

    answers: list[tuple[int, bytes]] = field(default_factory=lambda: [(200, b"{}")])
    got: list[bytes] = field(default_factory=list[bytes])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    "Of each request, by their names in small letters."
    more: dict[str, str] = field(default_factory=dict[str, str])
    "Headers of every answer."
    url: str = ""


@contextmanager
def listening() -> Generator[Listener]:
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            listener.got.append(self.rfile.read(int(self.headers["content-length"])))
            listener.headers.append({name.lower(): value for name, value in self.headers.items()})
            status, body = listener.answers[0] if len(listener.answers) == 1 else listener.answers.pop(0)
            if status:
                self.send_response(status)
                self.send_header("location", listener.url)
                self.send_header("content-length", str(len(body)))
                for name, value in listener.more.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        listener.url = f"http://127.0.0.1:{server.server_address[1]}/x"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield listener
        finally:
            server.shutdown()
            thread.join()
