"""The pump and the host's one server: one for many clients, told of each what it needs, survived by every session."""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.pump.reach import server_name
from tests.pump.hosts import await_end, reached, sockets, status

ROOT = Path(__file__).resolve().parents[2]
BOUND = 120
MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
ERAS = ["2025-11-25", "2026-07-28"]
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
        if era == ERAS[0]:
            self.ask("initialize", **HELLO)
            self.send("notifications/initialized")

    def send(self, method: str, request: int | None = None, **params: object) -> None:
        meta = {"_meta": MODERN} if self.era == ERAS[1] else {}
        number = {} if request is None else {"id": request}
        message = {"jsonrpc": "2.0", "method": method, **number, "params": {**params, **meta}}
        self.input.write(json.dumps(message).encode() + b"\n")
        self.input.flush()

    def begin(self, method: str, **params: object) -> int:
        self.number += 1
        self.send(method, self.number, **params)
        return self.number

    def answer(self) -> dict[str, Any]:
        return self.answers.get(timeout=BOUND)

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
    command = [sys.executable, "-I", "-S", str(ROOT / "mcp_server" / "pump")]
    if module:
        start = "from mcp_server.pump import carry, reach; import pathlib"
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {start}; {module}; "
        code += f"sys.exit(carry.carry(pathlib.Path({str(ROOT)!r}), pathlib.Path(sys.executable)))"
        command = [sys.executable, "-I", "-S", "-c", code]
    process = subprocess.Popen(command, env=env, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    client = Agent(process, era)
    try:
        yield client
    finally:
        client.leave()


@pytest.fixture
def state(home: Path) -> Path:
    return home / "state"


def host_pid(state: Path) -> int:
    [path] = sockets(state)
    return status(path)["pid"]


@pytest.fixture
def stuck_git(tmp_path: Path) -> Generator[Path]:
    """A folder with a `git` that writes `started` there, and ends when somebody opens its FIFO."""
    folder = tmp_path / "stuck"
    folder.mkdir()
    os.mkfifo(folder / "gate")
    git = folder / "git"
    git.write_text(f"#!/bin/sh\n: > {folder}/started\nread line < {folder}/gate\nexit 1\n")
    git.chmod(0o755)
    yield folder
    release(folder / "gate")


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


def test_many_agents_that_start_at_once_share_one_server(tmp_path: Path, state: Path) -> None:
    count = 25
    commands = [sys.executable, "-I", "-S", str(ROOT / "mcp_server" / "pump")]
    env = {name: os.environ[name] for name in ("PATH", "HOME", "OPS_HOME")}
    processes = [
        subprocess.Popen(
            commands,
            env=env | {"AGENT_NAME": f"opus-{n}"},
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for n in range(count)
    ]
    agents = [Agent(process, ERAS[1]) for process in processes]
    for one in agents:
        assert one.ask("tools/list")["result"]["tools"]
    [path] = sockets(state)
    told = status(path)
    assert set(told["connections"]) == {f"opus-{n}" for n in range(count)}
    assert [one.leave() for one in agents] == [0] * count
    assert status(path)["pid"] == told["pid"], "it outlives them"


def test_the_server_is_private(tmp_path: Path, state: Path) -> None:
    with agent(tmp_path) as client:
        client.ask("tools/list")
        modes = {path: path.lstat().st_mode & 0o777 for path in (state / "run", *(state / "run").iterdir())}
    assert set(modes.values()) == {0o700, 0o600}
    assert modes[state / "run"] == 0o700


def test_each_agent_is_answered_about_its_own_fleet(fleet: DemoFleet, tmp_path: Path) -> None:
    with (
        agent(fleet.root / "opus-1", CLAUDE_PROJECT_DIR=str(fleet.root / "opus-1")) as inside,
        agent(tmp_path) as lost,
    ):
        names = [one["agent"] for one in inside.call("fleet_audit")["structuredContent"]["agents"]]
        assert "opus-2" in names
        assert lost.call("fleet_audit")["structuredContent"]["error"]["kind"] == "not_found"


@pytest.mark.parametrize("era", ERAS)
def test_a_server_that_dies_costs_its_calls_one_clear_error_each_and_the_session_goes_on(
    era: str, fleet: DemoFleet, state: Path, stuck_git: Path
) -> None:
    path = f"{stuck_git}:{os.environ['PATH']}"
    with agent(fleet.root, era, PATH=path, OPS_FLEET=str(fleet.root)) as client:
        client.ask("tools/list")
        call = client.begin("tools/call", name="fleet_audit", arguments={})
        await_file(stuck_git / "started")
        died = host_pid(state)
        os.kill(died, signal.SIGKILL)
        answer = client.answer()
        assert answer["id"] == call
        assert answer["result"]["isError"] is True
        assert "ended during this call" in answer["result"]["content"][0]["text"]
        assert answer["result"]["structuredContent"]["error"]["next"]
        result = client.call("index_check", problem="login expired")
        assert result["structuredContent"]["match"] is True
        assert host_pid(state) != died
        assert client.answers.empty()


def test_a_hung_server_is_ended_for_a_new_client(tmp_path: Path, state: Path) -> None:
    with agent(tmp_path) as first:
        first.ask("tools/list")
        hung = host_pid(state)
        os.kill(hung, signal.SIGSTOP)
        with agent(tmp_path, module="reach.PATIENCE = 0.5") as second:
            assert second.ask("tools/list")["result"]["tools"]
            await_end(hung)
        assert first.ask("tools/list")["result"]["tools"], "the first one's next request is answered too"


@pytest.mark.parametrize("era", ERAS)
def test_a_server_that_hangs_during_a_call_is_found_out(
    era: str, fleet: DemoFleet, state: Path, stuck_git: Path
) -> None:
    path = f"{stuck_git}:{os.environ['PATH']}"
    impatient = "reach.PATIENCE = 0.5; carry._PROBE = 0.5"
    with agent(fleet.root, era, impatient, PATH=path, OPS_FLEET=str(fleet.root)) as client:
        client.begin("tools/call", name="fleet_audit", arguments={})
        await_file(stuck_git / "started")
        os.kill(host_pid(state), signal.SIGSTOP)
        assert client.answer()["result"]["isError"] is True
        assert client.ask("tools/list")["result"]["tools"]


def test_a_long_call_holds_up_nobody_else(fleet: DemoFleet, stuck_git: Path) -> None:
    path = f"{stuck_git}:{os.environ['PATH']}"
    with agent(fleet.root, PATH=path, OPS_FLEET=str(fleet.root)) as slow, agent(fleet.root) as quick:
        calls = {slow.begin("tools/call", name="fleet_audit", arguments={}) for _ in range(20)}
        await_file(stuck_git / "started")
        assert quick.call("index_check", problem="login expired")["structuredContent"]["match"] is True
        assert slow.answers.empty()
        slow.process.kill()
        slow.process.wait(BOUND)
        assert quick.ask("tools/list")
        assert len(calls) == 20


def test_after_an_upgrade_new_clients_have_the_new_server_and_old_ones_finish(
    fleet: DemoFleet, state: Path, stuck_git: Path
) -> None:
    path = f"{stuck_git}:{os.environ['PATH']}"
    upgraded = "reach.__version__ = '9.9.9'"
    with agent(fleet.root, PATH=path, OPS_FLEET=str(fleet.root)) as old:
        call = old.begin("tools/call", name="fleet_audit", arguments={})
        await_file(stuck_git / "started")
        [before] = sockets(state)
        with agent(fleet.root, module=upgraded) as new, agent(fleet.root, module=upgraded) as newer:
            for client in (new, newer):
                assert client.call("index_check", problem="login expired")["structuredContent"]["match"] is True
            [after] = {*sockets(state)} - {before}
            assert after.name.startswith("9.9.9-")
            assert sorted(status(after)["connections"].values()) == [2]
            release(stuck_git / "gate")
            answer = old.answer()
            assert answer["id"] == call
            assert "isError" not in answer["result"] or not answer["result"]["isError"]
            assert old.ask("tools/list")["result"]["tools"]
            assert sum(status(before)["connections"].values()) == 1


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


def said_until_nobody_listens(link: socket.socket, lines: bytes) -> int:
    sent = 0
    with suppress(TimeoutError):
        while sent < 50_000_000:
            sent += link.send(lines)
    return sent


def test_no_credential_of_a_client_reaches_the_server(tmp_path: Path, state: Path) -> None:
    secrets = {
        "ANTHROPIC_AUTH_TOKEN": CANARY,
        "ANTHROPIC_API_KEY": CANARY,
        "ANTHROPIC_BASE_URL": f"https://gateway.example.test/{CANARY}",
        "ANTHROPIC_CUSTOM_HEADERS": f"x-key: {CANARY}",
        "CLAUDE_CODE_OAUTH_TOKEN": CANARY,
        "CLAUDE_CODE_MESSAGING_TOKEN": CANARY,
        "GH_TOKEN": CANARY,
        "OPENAI_API_KEY": CANARY,
        "GIT_CONFIG_PARAMETERS": f"'http.extraheader=Authorization: {CANARY}'",
        "ANYTHING_ELSE": CANARY,
    }
    with agent(tmp_path, **secrets) as client:
        client.ask("tools/list")
        environment = Path(f"/proc/{host_pid(state)}/environ").read_bytes()
    assert b"PATH=" in environment
    assert CANARY.encode() not in environment
    assert CANARY.encode() not in said_on_the_wire(tmp_path, state, secrets)


def said_on_the_wire(cwd: Path, state: Path, extra: dict[str, str]) -> bytes:
    """All that a pump says to a server, up to the first request."""
    [path] = sockets(state)
    path.unlink()
    folder = Path.cwd()
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(path.parent)
        listener.bind(path.name)
        os.chdir(folder)
        listener.listen()
        listener.settimeout(BOUND)
        env = {name: os.environ[name] for name in ("PATH", "HOME", "OPS_HOME")} | extra
        command = [sys.executable, "-I", "-S", str(ROOT / "mcp_server" / "pump")]
        pump = subprocess.Popen(command, env=env, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        link, _ = listener.accept()
        said = link.recv(1 << 20)
        link.sendall(b"{}\n")
        pump.communicate(b'{"jsonrpc": "2.0", "id": 1, "method": "the last line"}\n', timeout=BOUND)
        while chunk := link.recv(1 << 20):
            said += chunk
        link.close()
    assert b"the last line" in said
    assert str(cwd).encode() in said
    return said


def test_who_needs_a_password_on_the_way_out_has_a_server_of_its_own(tmp_path: Path, state: Path) -> None:
    with agent(tmp_path, HTTPS_PROXY=f"http://user:{CANARY}@proxy.example.test:3128") as client:
        assert client.ask("tools/list")["result"]["tools"]
    assert not sockets(state)


def test_where_the_state_folder_cannot_be_used_each_client_has_its_own_server(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with agent(tmp_path, OPS_HOME=str(tmp_path / "file" / "state")) as client:
        assert client.ask("tools/list")["result"]["tools"]


def test_another_umask_is_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    name = server_name(ROOT)
    mask = os.umask(0o027)
    try:
        assert server_name(ROOT) != name
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(mask)
    monkeypatch.setattr("mcp_server.pump.reach.__version__", "0.0.1")
    assert server_name(ROOT) != name
