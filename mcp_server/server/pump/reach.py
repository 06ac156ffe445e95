"""Finds the host's shared server by its socket, or starts it.

There is one server per installed version: the socket's name is made of everything that makes two servers differ.
`pathlib` and `json` are not loaded here: they would take longer than the rest of a client's start.
"""

from __future__ import annotations

import os
from binascii import crc32
from contextlib import suppress

from mcp_server import __version__
from mcp_server.kernel.state_folder import state_path
from mcp_server.server.pump.connection import GONE, PATIENCE, Link, connect
from mcp_server.system.private_folder import make_private

_START = 60.0
"Seconds that a start may take on a host that is starting 25 agents at once."


class UnreachableError(Exception):
    """No server runs, and none can be started."""


def run_folder(state: str) -> str:
    """Make `OPS_HOME/run` private and return it; OSError if that fails or another user can open it."""
    folder = f"{state}/run"
    with suppress(FileNotFoundError):
        if os.lstat(folder).st_mode & 0o077:  # somebody may have put a socket there
            raise PermissionError(f"{folder} is open to other users")
    for path in (folder, f"{state}/logs"):
        make_private(path, state)
    return folder


def reach(root: str, python: str, greeting: bytes) -> Link:
    """Connect to the server of the checkout `root`, start it if none runs, and greet it.

    The working folder becomes `OPS_HOME/run`: a socket's path must be short, and a process whose working folder is an
    agent's clone would be taken for the agent.

    Raises:
        OSError, UnreachableError: there is no server.
    """
    state = state_path(os.environ, os.path.expanduser("~"))
    os.chdir(run_folder(state))
    for _ in range(5):
        name = server_name(root)
        if (link := connect(name)) is None:
            from mcp_server.server.pump.process import start  # noqa: PLC0415  only the first client of a host

            start(name, state, python)
        elif ask(link, greeting) is not None:
            return link
    raise UnreachableError(f"the ops server does not start; read {state}/logs/host-stderr.log")


def server_name(root: str) -> str:
    """The socket's name: the version, a hash of the code's path and age, the umask and the mount namespace."""
    try:
        mounts = os.readlink("/proc/self/ns/mnt")
    except OSError:
        mounts = ""
    os.umask(mask := os.umask(0o077))
    facts = (root, _age(f"{root}/mcp_server"), mask, mounts)
    return f"{__version__}-{crc32(repr(facts).encode()):08x}.sock"


def _age(folder: str) -> int:
    """When the newest module below `folder` was written."""
    newest, folders = 0, [folder]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    newest = max(newest, entry.stat().st_mtime_ns)
                elif entry.is_dir() and entry.name != "__pycache__":
                    folders.append(entry.path)
    return newest


def ask(link: Link, line: bytes) -> bytes | None:
    """Send one line and return the server's one line of JSON.

    None, and the link is closed, if the server went away, or hung and was killed.
    """
    answer, waited = b"", 0.0
    try:
        link.sendall(line)
        while not answer.endswith(b"\n"):
            try:
                chunk = link.recv(65536)
            except TimeoutError:
                waited += PATIENCE
                if waited < _START and not _killed(link):
                    continue
                chunk = b""
            if not chunk:
                break
            answer += chunk
    except GONE:
        answer = b""
    if answer.endswith(b"\n"):
        link.settimeout(None)
        return answer
    link.close()
    return None


def _killed(link: Link) -> bool:
    from mcp_server.server.pump.process import kill_if_server, pid_of  # noqa: PLC0415  rarely needed

    return kill_if_server(pid_of(link))
