"""A token endpoint that rotates refresh tokens and revokes the login on reuse, for the real Claude Code on loopback.

The client reaches it as its corporate proxy: every TLS connection ends here, under a throw-away certificate that only
the client under test is set up to trust. Nothing is dialled; all tokens are made up.
"""

import datetime as dt
import json
import ssl
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TOKENS, PROFILES = "platform.claude.com", "api.anthropic.com"
PROFILE = {
    "account": {
        "uuid": "00000000-0000-4000-8000-000000000001",
        "email": "fleet@example.test",
        "display_name": "fleet",
        "full_name": "fleet",
        "has_claude_max": True,
        "has_claude_pro": False,
    },
    "organization": {
        "uuid": "00000000-0000-4000-8000-000000000002",
        "name": "Example",
        "organization_type": "claude_max",
        "rate_limit_tier": "default_claude_max_20x",
        "has_extra_usage_enabled": False,
    },
}


class TokenServer(ThreadingHTTPServer):
    """One login. `grants` has an entry for each refresh that was asked for; `answer` overrides them all."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, folder: Path, refresh_token: str) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.trust = folder / "trust.pem"
        self.tls = _certificate(folder / "server.pem", self.trust)
        self.current = refresh_token
        self.used: set[str] = set()
        self.revoked = False
        self.delay = 0.0
        self.answer: tuple[int, bytes] | None = None
        self.grants: list[str] = []
        self.arrived = threading.Event()
        self._lock = threading.Lock()

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def grant(self, refresh_token: str) -> tuple[int, bytes]:
        """Decide on arrival, answer after `delay`: the moment in which a killed client loses its login."""
        with self._lock:
            outcome = self._decide(refresh_token)
            self.grants.append(outcome)
            self.arrived.set()
        time.sleep(self.delay)  # the delay is what is tested
        if self.answer is not None:
            return self.answer
        if outcome != "rotated":
            return 400, json.dumps({"error": "invalid_grant", "error_description": outcome}).encode()
        number = len(self.used)
        tokens = {"access_token": f"made-up-access-{number}", "refresh_token": self.current, "expires_in": 28800}
        return 200, json.dumps({**tokens, "token_type": "Bearer", "scope": "user:inference user:profile"}).encode()

    def _decide(self, refresh_token: str) -> str:
        if self.answer is not None:
            return "overridden"
        if refresh_token in self.used:
            self.revoked = True
            return "reused"
        if self.revoked or refresh_token != self.current:
            return "refused"
        self.used.add(refresh_token)
        self.current = f"made-up-refresh-{len(self.used)}"
        return "rotated"


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host = ""

    def handle(self) -> None:
        with suppress(ConnectionError, ssl.SSLError):  # the client may leave at any time
            super().handle()

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()
        self.connection.close()

    def do_CONNECT(self) -> None:
        self.host = self.path.partition(":")[0]
        if self.host not in (TOKENS, PROFILES):
            self.send_error(403)
            return
        self.send_response(200)
        self.end_headers()
        try:
            self.connection = self._server.tls.wrap_socket(self.connection, server_side=True)
        except OSError:
            self.close_connection = True
            return
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        if (self.host, self.path) != (TOKENS, "/v1/oauth/token"):
            self._reply(404, b"{}")
            return
        status, answer = self._server.grant(json.loads(body)["refresh_token"])
        if status == 0:  # the connection breaks before an answer
            self.close_connection = True
            self.connection.close()
            return
        self._reply(status, answer)

    def do_GET(self) -> None:
        known = self.path.startswith("/api/oauth/profile")
        self._reply(200 if known else 404, json.dumps(PROFILE if known else {}).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: a request line may hold a token."""

    @property
    def _server(self) -> TokenServer:
        return cast("TokenServer", self.server)

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def token_server(folder: Path, refresh_token: str) -> Generator[TokenServer]:
    folder.mkdir()
    with TokenServer(folder, refresh_token) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _certificate(private: Path, public: Path) -> ssl.SSLContext:
    """A certificate for both hosts that is its own authority, valid for two days."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "throw-away, for a test")])
    hosts = x509.SubjectAlternativeName([x509.DNSName(TOKENS), x509.DNSName(PROFILES)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(hosts, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    public.write_bytes(certificate.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private.write_bytes(public.read_bytes() + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(private)
    return context
