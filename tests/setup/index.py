"""A package index on loopback with two tiny wheels, which can be shut while a set-up waits for it."""

import hashlib
import io
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

_BOUND = 60.0  # seconds that a request waits for the gate


def wheel(name: str) -> bytes:
    """A package of one module."""
    info, buffer = f"{name}-1.0.dist-info", io.BytesIO()
    files = {
        f"{name}/__init__.py": f"NAME = {name!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path), text)
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD"), "".join(f"{path},,\n" for path in files))
    return buffer.getvalue()


WHEELS = {f"{name}-1.0-py3-none-any.whl": wheel(name) for name in ("probe", "probedev")}


def pin(name: str) -> str:
    """A lock's lines for one of the wheels."""
    digest = hashlib.sha256(WHEELS[f"{name}-1.0-py3-none-any.whl"]).hexdigest()
    return f"{name}==1.0 \\\n    --hash=sha256:{digest}\n"


@dataclass
class Index:
    """Serves the wheels while `gate` is open; `requested` is set by the first request; `served` counts the wheels."""

    gate: threading.Event = field(default_factory=threading.Event)
    requested: threading.Event = field(default_factory=threading.Event)
    served: list[str] = field(default_factory=list[str])
    _server: ThreadingHTTPServer = field(init=False)

    def __enter__(self) -> Self:
        index = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Quiet."""

            def do_GET(self) -> None:
                index.requested.set()
                index.gate.wait(_BOUND)
                name = self.path.strip("/")
                page = "".join(f'<a href="/{wheel}">{wheel}</a>\n' for wheel in WHEELS).encode()
                if name in WHEELS:
                    index.served.append(name)
                self.send_response(200)
                self.send_header("content-type", "application/zip" if name in WHEELS else "text/html")
                self.end_headers()
                self.wfile.write(WHEELS.get(name, page))

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def variables(self) -> dict[str, str]:
        """What points pip here and nowhere else. The configuration of this machine's own pip is left out."""
        return {
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": f"http://127.0.0.1:{self._server.server_address[1]}/",
            "PIP_TRUSTED_HOST": "127.0.0.1",
            "PIP_RETRIES": "0",
            "UV_OFFLINE": "1",
        }
