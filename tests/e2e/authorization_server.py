"""A real OAuth 2.0 server (npm's oidc-provider) on loopback, and a person who logs in there once."""

import base64
import hashlib
import os
import secrets
import socket
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

_BACK = "http://127.0.0.1:9/back"


@dataclass
class AuthorizationServer:
    """`events` has an entry for each refresh token that was rotated and each login that was revoked."""

    url: str
    events: list[str] = field(default_factory=list[str])
    ready: threading.Event = field(default_factory=threading.Event)

    @property
    def endpoint(self) -> str:
        return f"{self.url}/token"

    def log_in(self) -> dict[str, str]:
        """The tokens of a new login, by the authorization code with PKCE."""
        verifier = secrets.token_hex(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "client_id": "fleet",
            "response_type": "code",
            "redirect_uri": _BACK,
            "scope": "openid offline_access",
            "prompt": "consent",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        with httpx.Client(base_url=self.url, timeout=60) as person:
            form = _next(person.get("/auth", params=asked))
            form = _next(person.post(form, data={"prompt": "login", "login": "somebody", "password": "made up"}))
            form = _next(person.get(form))
            form = _next(person.post(form, data={"prompt": "consent"}))
            code = parse_qs(urlsplit(_next(person.get(form))).query)["code"][0]
            grant = {"grant_type": "authorization_code", "client_id": "fleet", "redirect_uri": _BACK}
            return person.post("/token", data={**grant, "code": code, "code_verifier": verifier}).json()

    def refresh(self, token: str) -> int:
        """What a client without us does; the status of the answer."""
        grant = {"grant_type": "refresh_token", "client_id": "fleet", "refresh_token": token}
        return httpx.post(self.endpoint, data=grant, timeout=60).status_code


@contextmanager
def authorization_server() -> Generator[AuthorizationServer]:
    modules = os.environ.get("OPS_E2E_OIDC")
    assert modules, "set OPS_E2E_OIDC to a node_modules with node and oidc-provider (.ci/run installs them)"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = [f"{modules}/.bin/node", str(Path(__file__).with_suffix(".mjs"))]
    command = [*program, f"{modules}/oidc-provider/lib/index.js", str(port)]
    server = AuthorizationServer(f"http://127.0.0.1:{port}")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    reader = threading.Thread(target=_read, args=(process, server))
    reader.start()
    try:
        assert server.ready.wait(60)
        yield server
    finally:
        process.terminate()
        process.wait(60)
        reader.join()
        assert process.stdout
        process.stdout.close()


def _read(process: subprocess.Popen[str], server: AuthorizationServer) -> None:
    assert process.stdout
    for line in process.stdout:
        if line.strip() == "listening":
            server.ready.set()
        elif line.strip() in ("rotated", "revoked"):
            server.events.append(line.strip())


def _next(answer: httpx.Response) -> str:
    assert answer.status_code in (302, 303), answer.text[:500]
    return urljoin(str(answer.url), answer.headers["location"])
