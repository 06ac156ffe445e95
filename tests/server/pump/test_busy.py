"""One client that is slow, or never reads, holds up nobody else."""

import json
import os
from contextlib import suppress
from pathlib import Path

from mcp_server.demo.fleet import DemoFleet
from mcp_server.server.pump.connection import Link
from tests.server.pump.agents import BOUND, MODERN, agent, await_file
from tests.server.pump.servers import reached, sockets


def test_a_long_call_holds_up_nobody_else(fleet: DemoFleet, stuck_git: Path) -> None:
    path = f"{stuck_git}:{os.environ['PATH']}"
    with agent(fleet.root, PATH=path, OPS_FLEET=str(fleet.root)) as slow, agent(fleet.root) as quick:
        calls = {slow.begin("tools/call", name="fleet_audit", arguments={}) for _ in range(20)}
        await_file(stuck_git / "started")
        assert quick.call("index_check", problem="login expired")["structuredContent"]["match"] is True
        assert not any("id" in message for message in list(slow.answers.queue))
        slow.process.kill()
        slow.process.wait(BOUND)
        assert quick.ask("tools/list")
        assert len(calls) == 20


def test_a_client_that_never_reads_is_not_hoarded_for(tmp_path: Path, state: Path) -> None:
    line = (
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": MODERN}}).encode() + b"\n"
    )
    with agent(tmp_path) as other:
        other.ask("tools/list")
        [path] = sockets(state)
        link = reached(path)
        assert link
        link.sendall(b'{"cwd": "/", "environment": {}}\n')
        link.settimeout(1)
        sent = said_until_nobody_listens(link, line * 100)
        assert sent < 20_000_000
        assert other.ask("tools/list")["result"]["tools"]
        link.close()


def said_until_nobody_listens(link: Link, lines: bytes) -> int:
    sent = 0
    with suppress(TimeoutError):
        while sent < 50_000_000:
            sent += link.send(lines)
    return sent
