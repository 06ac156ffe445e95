"""`ops serve --http HOST:PORT`: binds the port if that is safe, and becomes the server that listens there."""

import ipaddress
import json
import os
import socket
import ssl
import sys
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import Any
from urllib.parse import urlsplit

from mcp_server.cli.output import print_error, print_json, print_text
from mcp_server.cli.parser import UsageError
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.state_folder import state_folder
from mcp_server.server.http.look_tokens import http_tokens
from mcp_server.server.pump.caller import SENT, TELEMETRY, working_folder
from mcp_server.system.files import Files

_USAGE = "ops serve --http HOST:PORT [--url URL] [--tls-cert FILE --tls-key FILE]"


def serve_http(call: Namespace) -> None:
    """Replace this process by the server; `denied` if other hosts could connect and no token exists."""
    state = state_folder(os.environ, Path.home())
    host, port = _address(call.http)
    _require_certificate(call.tls_cert, call.tls_key)
    listener = _bound(host, port)
    address, port = listener.getsockname()[:2]
    is_loopback = ipaddress.ip_address(address).is_loopback
    now = datetime.now(UTC)
    tokens = [token for token in http_tokens(Files(state), state) if token.is_valid(now)]
    if not is_loopback and not tokens:
        raise OpsError(
            "denied",
            f"other hosts can connect to {host}, and no token exists to keep them out",
            "Make a token first: ops serve token add NAME",
        )
    scheme = "https" if call.tls_cert else "http"
    url = _url(call.url) if call.url else f"{scheme}://{_in_url(host)}:{port}"
    in_clear = not is_loopback and not url.startswith("https:")
    _announce(call, f"{_in_url(address)}:{port}", url + "/mcp", is_closed=bool(tokens), in_clear=in_clear)
    os.set_inheritable(listener.fileno(), True)
    settings = {
        "fd": listener.fileno(),
        "port": port,
        "url": url,
        "hosts": _names_of_this_host(host),
        "loopback": is_loopback,
        "state": str(state),
        "cwd": working_folder(),
        "fleet": str(call.fleet.absolute()) if call.fleet else None,
        "cert": str(call.tls_cert.absolute()) if call.tls_cert else None,
        "key": str(call.tls_key.absolute()) if call.tls_key else None,
    }
    kept = SENT.union(TELEMETRY) - {"AGENT_NAME"}
    environment = {name: value for name, value in os.environ.items() if name in kept}
    command = [sys.executable, "-I", "-X", "utf8", "-m", "mcp_server.server.http", json.dumps(settings)]
    os.execve(command[0], command, environment)  # noqa: S606  no shell: an argv list


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"--http takes HOST:PORT, such as 127.0.0.1:8765, got {text[:80]!r}", _USAGE)
    return host.strip("[]") or "127.0.0.1", int(port)


def _url(text: str) -> str:
    parts = urlsplit(text.rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.path.strip("/"):
        raise UsageError(f"--url takes an address such as https://ops.example, got {text[:80]!r}", _USAGE)
    return f"{parts.scheme}://{parts.netloc}"


def _in_url(host: str) -> str:
    """The host as written in a URL; for the unspecified address, this host's name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    name = socket.gethostname() if address.is_unspecified else host
    return f"[{name}]" if address.version == 6 and not address.is_unspecified else name


def _names_of_this_host(host: str) -> list[str]:
    """The names that a request may be for, besides loopback: the bound address, or all names of this host."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104  it is compared
        return [host]
    name = socket.gethostname()
    try:
        own = {str(info[4][0]) for info in socket.getaddrinfo(name, None)}
    except OSError:
        own = set[str]()
    return sorted({name, socket.getfqdn(), *own})


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(512)
    except OSError as error:
        raise OpsError(
            "unavailable",
            f"cannot listen at {host}:{port}: {error.strerror or error}",
            f"Choose another port, or find the process that has it: ss -ltnp 'sport = :{port}'",
        ) from None
    return listener


def _require_certificate(cert: Path | None, key: Path | None) -> None:
    if not cert and not key:
        return
    if not cert or not key:
        raise UsageError("--tls-cert and --tls-key go together", _USAGE)
    try:
        if key.stat().st_mode & 0o007:
            raise OpsError("invalid", f"{key} can be read by every user", f"chmod o= {quote(str(key))}")
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, lambda: "")
    except OSError as error:  # ssl.SSLError is one
        message = f"{cert} and {key} are not a certificate and its key (PEM): {error.strerror or error}"
        raise OpsError("invalid", message, "Give both as PEM files, the key without a passphrase") from None


def _announce(call: Namespace, listens: str, url: str, *, is_closed: bool, in_clear: bool) -> None:
    clients = "holders of a token" if is_closed else "anybody on this host, to read only"
    facts: dict[str, Any] = {"url": url, "listens": listens, "open_to": clients}
    if in_clear:
        print_error("Tokens are sent unencrypted: give --tls-cert and --tls-key, or a proxy's https --url")
    if call.json:
        print_json(facts, indent=None, flush=True)
        return
    print_text(f"ops serves {url} to {clients}; stop it with Ctrl-C or: ops serve stop", flush=True)
    if not is_closed:
        print_text("To allow writes and require a token: ops serve token add NAME --scope write", flush=True)
