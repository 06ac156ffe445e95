"""What the shared server costs, against other servers in the same interleaved run: `python -m benchmarks.server`.

`--peers DIR` installs the peers beside the SDK's plain stdio server into a folder, once (pip, npm); `--raw FILE`
takes all numbers. Printed are medians and the ratios against the plain SDK server; the goals are in `GOALS`.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PUMP = [sys.executable, "-I", "-S", str(ROOT / "mcp_server" / "server" / "pump" / "__main__.py")]
GOALS = {"one client": 0.1, "25 at once": 0.06, "memory of 25": 0.2, "call p50": 1.3}
AGENTS, CALLS = 25, 300
BOUND = 120.0
PLAIN = """
import os, sys
from pathlib import Path
from mcp.server import MCPServer
server = MCPServer("plain")
@server.tool(structured_output=False)
def runbook_read(name: str) -> str:
    "Read a runbook"
    sys.path[:0] = [ROOT] if ROOT not in sys.path else []
    from mcp_server.server.arguments import parameters
    from mcp_server.knowledge.runbook_read import RUNBOOK_READ
    from mcp_server.server.wiring import context_of
    context = context_of(os.environ, Path.cwd())
    return RUNBOOK_READ.text(RUNBOOK_READ.run(context, parameters(RUNBOOK_READ, {"name": name})))
@server.tool()
def add(a: int, b: int) -> int:
    "Add"
    return a + b
@server.tool()
def echo(text: str) -> str:
    "Echo"
    return text
@server.tool()
def upper(text: str) -> str:
    "Upper case"
    return text.upper()
server.run("stdio")
"""
FASTMCP = """
from fastmcp import FastMCP
server = FastMCP("fast")
for name in ("add", "echo", "upper", "runbook_read"):
    def tool(name: str) -> str:
        "A tool"
        return name
    server.tool(tool, name=name)
server.run(show_banner=False)
"""
NODE = """
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
const server = new McpServer({ name: "node", version: "1" });
for (const name of ["add", "echo", "upper", "runbook_read"]) {
  server.registerTool(name, { description: "A tool", inputSchema: { name: z.string() } },
    async ({ name }) => ({ content: [{ type: "text", text: name }] }));
}
await server.connect(new StdioServerTransport());
"""


@dataclass
class Server:
    """A server under measurement, and what was measured (ms, bytes)."""

    name: str
    command: list[str]
    tool: str = "runbook_read"
    one: list[float] = field(default_factory=list[float])
    many: list[float] = field(default_factory=list[float])
    memory: list[int] = field(default_factory=list[int])
    calls: list[float] = field(default_factory=list[float])


class Client:
    """The least a client does: a handshake, and lines."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=env)
        self.number = 0
        hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
        self.ask("initialize", **hello)
        self.say({"jsonrpc": "2.0", "method": "notifications/initialized"})
        self.ask("tools/list")

    def say(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self.number += 1
        self.say({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params})
        assert self.process.stdout
        for line in self.process.stdout:
            answer = json.loads(line)
            if answer.get("id") == self.number:
                return answer
        raise RuntimeError(f"{self.process.args} ended")

    def leave(self) -> None:
        self.process.communicate(timeout=BOUND)


def elapsed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)


def start_one(server: Server, env: dict[str, str]) -> None:
    clients: list[Client] = []
    server.one.append(elapsed(lambda: clients.append(Client(server.command, env))))
    clients[0].leave()


def start_many(server: Server, env: dict[str, str]) -> None:
    def client(_: int) -> Client:
        return Client(server.command, env)

    clients: list[Client] = []
    with ThreadPoolExecutor(AGENTS) as pool:
        server.many.append(elapsed(lambda: clients.extend(pool.map(client, range(AGENTS)))))
    server.memory.append(sum(map(pss, {*(one.process.pid for one in clients), *hosts(env)})))
    for one in clients:
        one.leave()


def call_in_turn(servers: list[Server], env: dict[str, str]) -> None:
    """One call of each after the other: a moment at which the machine is busy meets all alike."""
    clients = [Client(server.command, env) for server in servers]
    for number in range(CALLS + 10):
        for server, client in zip(servers, clients, strict=True):
            begun = time.perf_counter()
            assert "result" in client.ask("tools/call", name=server.tool, arguments={"name": "login-ended"})
            if number >= 10:
                server.calls.append(1000 * (time.perf_counter() - begun))
    for client in clients:
        client.leave()


def pss(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return 1024 * int(next(line.split()[1] for line in text.splitlines() if line.startswith("Pss:")))


def hosts(env: dict[str, str]) -> Iterator[int]:
    """The shared servers of this run's own state folder."""
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (
                b"mcp_server.server.shared_server" in (path / "cmdline").read_bytes()
                and (path / "cwd").readlink() == Path(env["OPS_HOME"]) / "run"
            ):
                yield int(path.name)


def peers(folder: Path) -> list[Server]:
    """The other servers, installed where they are not yet; one that cannot be had is left out, and said."""
    found: list[Server] = []
    with trying("fastmcp"):
        python = folder / "fastmcp" / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", folder / "fastmcp"], check=True)
            subprocess.run([python, "-m", "pip", "install", "-q", "fastmcp>=4,<5"], check=True)
        found.append(Server("fastmcp 4", [str(python), "-c", FASTMCP]))
    with trying("the Node SDK"):
        node = folder / "node"
        if not (node / "node_modules").exists():
            node.mkdir(parents=True, exist_ok=True)
            install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(node)]
            subprocess.run([*install, "@modelcontextprotocol/sdk@1", "zod@3"], check=True)
        (node / "server.mjs").write_text(NODE)
        found.append(Server("Node SDK", [shutil.which("node") or "node", str(node / "server.mjs")]))
    with trying("mcp-grafana"):
        program = folder / "grafana" / "bin" / "mcp-grafana"
        if not program.exists():
            subprocess.run([sys.executable, "-m", "venv", folder / "grafana"], check=True)
            pip = [folder / "grafana" / "bin" / "python", "-m", "pip", "install", "-q"]
            subprocess.run([*pip, "mcp-grafana"], check=True)
        found.append(Server("mcp-grafana (Go)", [str(program)], tool=""))
    return found


@contextmanager
def trying(name: str) -> Generator[None]:
    try:
        yield
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"left out: {name}: {error}", file=sys.stderr)


def measure(servers: list[Server], rounds: int, env: dict[str, str]) -> None:
    """All of them in each round, in turn: what else the machine does meets all alike."""
    Client(PUMP, env).leave()  # the host's server runs: its start is the first client's alone
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        for server in servers:
            for _ in range(3):
                start_one(server, env)
            start_many(server, env)
        call_in_turn([server for server in servers if server.tool], env)


def report(ours: Server, plain: Server, servers: list[Server]) -> int:
    """A table, the ratios, and whether the goals are met."""
    print(f"{'server':<20}{'one ms':>9}{'25 ms':>9}{'25 MB':>9}{'calls/s':>9}{'p50 ms':>8}{'p99 ms':>8}")
    for server in servers:
        cuts = quantiles(server.calls, n=100) if server.calls else None
        rate = (
            f"{1000 / (sum(server.calls) / len(server.calls)):>9.0f}{cuts[49]:>8.2f}{cuts[98]:>8.2f}" if cuts else ""
        )
        memory = median(server.memory) / 1e6
        print(f"{server.name:<20}{median(server.one):>9.0f}{median(server.many):>9.0f}{memory:>9.0f}{rate}")
    ratios = {
        "one client": median(ours.one) / median(plain.one),
        "25 at once": median(ours.many) / median(plain.many),
        "memory of 25": median(ours.memory) / median(plain.memory),
        "call p50": median(ours.calls) / median(plain.calls),
    }
    for name, ratio in ratios.items():
        verdict = "met" if ratio <= GOALS[name] else "MISSED"
        print(f"{name:<14} {ratio:.3f} of the plain SDK server (goal {GOALS[name]}): {verdict}")
    return int(any(ratio > GOALS[name] for name, ratio in ratios.items()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path, help="install and measure the other servers in this folder")
    parser.add_argument("--raw", type=Path, help="write all numbers to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        env = {"PATH": os.environ["PATH"], "HOME": folder, "OPS_HOME": f"{folder}/state"}
        ours = Server("ops, shared", PUMP)
        alone = Server("ops, OPS_SHARED=0", ["env", "OPS_SHARED=0", *PUMP])
        plain = Server("SDK, plain stdio", [sys.executable, "-c", f"ROOT = {str(ROOT)!r}\n{PLAIN}"])
        servers = [plain, ours, alone, *(peers(options.peers.absolute()) if options.peers else [])]
        try:
            measure(servers, options.rounds, env)
        finally:
            for pid in hosts(env):
                os.kill(pid, signal.SIGTERM)
        if options.raw:
            options.raw.write_text(json.dumps([vars(server) for server in servers], indent=1))
        return report(ours, plain, servers)


if __name__ == "__main__":
    sys.exit(main())
