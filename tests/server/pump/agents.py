"""Clients of the pump, and FIFOs that block a program until a test releases it."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from tests.server.pump.servers import sockets, status

ROOT = Path(__file__).resolve().parents[3]
BOUND = 120
MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
ERAS = ["2025-11-25", "2026-07-28"]
PUMP = [sys.executable, "-I", "-S", str(ROOT / "mcp_server" / "server" / "pump" / "__main__.py")]
CANARY = "canary-7f3a9b"


class Agent:
    """A client of a pump, in either protocol; every wait is bounded."""

    def __init__(self, process: subprocess.Popen[bytes], era: str) -> None:
        assert process.stdin
        assert process.stdout
        self.process, self.era, self.input, output = process, era, process.stdin, process.stdout
        self.answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self.reader = threading.Thread(target=lambda: [self.answers.put(json.loads(line)) for line in output])
        self.reader.start()
        self.number = 0
        self.progress: list[dict[str, Any]] = []
        if era == ERAS[0]:
            self.ask("initialize", **HELLO)
            self.send("notifications/initialized")

    def send(self, method: str, request: int | None = None, **params: object) -> None:
        """Send a message; a request asks for progress. The newer protocol adds its version to each message."""
        meta = cast("dict[str, object]", params.pop("_meta", {}))
        meta |= {} if request is None else {"progressToken": request}
        meta |= MODERN if self.era == ERAS[1] else {}
        number = {} if request is None else {"id": request}
        message = {"jsonrpc": "2.0", "method": method, **number, "params": {**params, "_meta": meta}}
        self.input.write(json.dumps(message).encode() + b"\n")
        self.input.flush()

    def begin(self, method: str, **params: object) -> int:
        self.number += 1
        self.send(method, self.number, **params)
        return self.number

    def answer(self) -> dict[str, Any]:
        """The next answer; `progress` collects the notifications before it."""
        while (message := self.answers.get(timeout=BOUND)).get("method") == "notifications/progress":
            self.progress.append(message["params"])
        return message

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        number = self.begin(method, **params)
        answer = self.answer()
        assert answer["id"] == number
        return answer

    def call(self, tool: str, **arguments: object) -> dict[str, Any]:
        return self.ask("tools/call", name=tool, arguments=arguments)["result"]

    def leave(self) -> int:
        self.input.close()
        code = self.process.wait(BOUND)
        self.reader.join(BOUND)
        assert self.process.stdout
        self.process.stdout.close()
        return code


@contextmanager
def agent(cwd: Path, era: str = ERAS[1], module: str = "", **extra: str) -> Generator[Agent]:
    """An agent's client in a folder; `module` is code that runs in the pump first."""
    env = {name: os.environ[name] for name in ("PATH", "HOME", "OPS_HOME", "GIT_CONFIG_GLOBAL")} | extra
    command = PUMP
    if module:
        start = "from mcp_server.server.pump import carry, connection, reach"
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {start}; {module}; "
        code += f"sys.exit(carry.carry({str(ROOT)!r}, sys.executable))"
        command = [sys.executable, "-I", "-S", "-c", code]
    process = subprocess.Popen(command, env=env, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    client = Agent(process, era)
    try:
        yield client
    finally:
        client.leave()


def host_pid(state: Path) -> int:
    [path] = sockets(state)
    return status(path)["pid"]


def release(gate: Path) -> None:
    """Let everything go that waits at a FIFO, or will."""
    waiting = gate.with_name("waiting")
    gate.rename(waiting)
    gate.write_text("")
    with suppress(OSError):  # nobody waits
        os.close(os.open(waiting, os.O_WRONLY | os.O_NONBLOCK))


def await_file(path: Path) -> None:
    deadline = time.monotonic() + BOUND
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        os.sched_yield()
