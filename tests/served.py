"""The HTTP server as a process of its own on a free port of loopback, and what a client says to it."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
import uvicorn
from mcp.server.lowlevel import Server

from mcp_server.adapters.files import DiskFiles
from mcp_server.audited import run
from mcp_server.catalogue import catalogue
from mcp_server.figures import Figures
from mcp_server.http.app import PATH, Site, application
from mcp_server.http.callers import Callers, KeptTokens
from mcp_server.http.connections import configured
from mcp_server.http.gate import Rates
from mcp_server.journal import SERVER, Journal
from mcp_server.operations.bearers import SERVE_TOKEN_ADD, SERVE_TOKEN_REVOKE, AddParams, RevokeParams
from mcp_server.server import Client, build
from mcp_server.wiring import context_of

CLI = [sys.executable, "-I", "-m", "mcp_server.cli"]
BOUND = 120.0
HEADERS = {"accept": "application/json, text/event-stream"}
MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
}


@dataclass
class Served:
    url: str

    @property
    def port(self) -> int:
        return httpx.URL(self.url).port or 0

    def post(self, body: object, token: str | None = None, **headers: str) -> httpx.Response:
        """One request; `body` as JSON, or bytes as they are."""
        given = {**HEADERS, "content-type": "application/json", **headers}
        if token:
            given["authorization"] = f"Bearer {token}"
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.post(self.url, content=content, headers=given, timeout=BOUND)

    def ask(self, method: str, params: dict[str, Any] | None = None, token: str | None = None) -> dict[str, Any]:
        """The result of a request of the newer protocol."""
        params = {**(params or {}), "_meta": MODERN}
        headers = {"mcp-protocol-version": "2026-07-28", "mcp-method": method}
        if "name" in params:
            headers["mcp-name"] = params["name"]
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        reply = self.post(body, token, **headers)
        assert reply.status_code == 200, (reply.status_code, reply.text)
        return json.loads(reply.text.rpartition("data: ")[2])["result"]

    def call(self, tool: str, token: str | None = None, /, **arguments: object) -> dict[str, Any]:
        return self.ask("tools/call", {"name": tool, "arguments": arguments}, token)

    def tools(self, token: str | None = None) -> set[str]:
        return {tool["name"] for tool in self.ask("tools/list", token=token)["tools"]}


@dataclass
class Process(Served):
    """`said` holds its standard error."""

    listens: str
    process: subprocess.Popen[bytes]
    said: Path


@contextmanager
def served(folder: Path, *options: str, where: str = "127.0.0.1:0", **variables: str) -> Generator[Process]:
    """`ops serve --http`, standing in `folder`, until the end."""
    folder.mkdir(exist_ok=True)
    said = Path(os.environ["OPS_HOME"]).with_name("said")
    command = [*CLI, "--json", "serve", "--http", where, *options]
    with said.open("ab") as errors:
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, env={**os.environ, **variables}
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, said.read_text()
        told = json.loads(line)
        yield Process(told["url"], told["listens"], process, said)
    finally:
        process.terminate()
        process.communicate(timeout=BOUND)


def ops(*words: str) -> dict[str, Any]:
    """What the command line answers with, whatever its exit code."""
    done = subprocess.run([*CLI, "--json", *words], stdout=subprocess.PIPE, timeout=BOUND, check=False)
    return json.loads(done.stdout)


def token(name: str, scope: Literal["read", "write"] = "read") -> str:
    """A new one, made without a process of its own."""
    return run(SERVE_TOKEN_ADD, context_of(os.environ, Path.cwd()), AddParams(name=name, scope=scope), "test").token


def revoke(name: str) -> None:
    run(SERVE_TOKEN_REVOKE, context_of(os.environ, Path.cwd()), RevokeParams(name=name), "test")


@contextmanager
def inside(server: Server[Any] | None = None, rates: Rates | None = None) -> Generator[Served]:
    """The same site in a thread of this process: at once there, and its limits can be set."""
    state = Path(os.environ["OPS_HOME"])
    figures = Figures(Journal(state, SERVER))
    client = Client(lambda: context_of(os.environ, Path.cwd()), figures.calls("test"), may_write=False)
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        site = f"http://127.0.0.1:{listener.getsockname()[1]}"
        callers = Callers(KeptTokens(DiskFiles(state), state), open_to_readers=True)
        app = application(server or build(catalogue(), lambda _: client), Site(site), callers, figures, rates)
        running = uvicorn.Server(configured(app))
        thread = threading.Thread(target=running.run, args=([listener],))
        thread.start()
        try:
            yield Served(site + PATH)
        finally:
            running.should_exit = True
            thread.join(BOUND)
