"""No credential of a client reaches the shared server."""

import os
import socket
import subprocess
from pathlib import Path

from tests.server.pump.agents import BOUND, CANARY, PUMP, agent, host_pid
from tests.server.pump.servers import sockets


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
        pump = subprocess.Popen(PUMP, env=env, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        link, _ = listener.accept()
        received = link.recv(1 << 20)
        link.sendall(b"{}\n")
        pump.communicate(b'{"jsonrpc": "2.0", "id": 1, "method": "the last line"}\n', timeout=BOUND)
        while chunk := link.recv(1 << 20):
            received += chunk
        link.close()
    assert b"the last line" in received
    assert str(cwd).encode() in received
    return received


def test_who_needs_a_password_on_the_way_out_has_a_server_of_its_own(tmp_path: Path, state: Path) -> None:
    with agent(tmp_path, HTTPS_PROXY=f"http://user:{CANARY}@proxy.example.test:3128") as client:
        assert client.ask("tools/list")["result"]["tools"]
    assert not sockets(state)
