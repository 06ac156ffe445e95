"""The host's server, found by its socket.

One per installed version: the socket's name is made of all that makes two servers differ. Loaded at each start of
each client, 25 at once on one host: `socket`, `pathlib` and `json` would take longer than all that is done here.
"""

from __future__ import annotations

import _socket
import os
from binascii import crc32

from mcp_server import __version__
from mcp_server.kernel.state_folder import state_path

PATIENCE = 10.0
"Seconds within which a server's loop, which only ever waits, has answered a greeting; else it hangs."
_START = 60.0
"Seconds for a start on a host that is busy starting 25 agents."
GONE = (FileNotFoundError, ConnectionRefusedError, ConnectionResetError, BrokenPipeError)

Link = _socket.socket
"A connection to a server."


class UnreachableError(Exception):
    """There is no server, and none can be started."""


def run_folder(state: str) -> str:
    """`OPS_HOME/run`, made private; OSError where it cannot be, or is not this user's alone."""
    folder = f"{state}/run"
    for place in (state, folder, f"{state}/logs"):
        os.makedirs(place, 0o700, exist_ok=True)
    found = os.lstat(folder)
    is_folder = found.st_mode & 0o170000 == 0o040000
    if not is_folder or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not this user's alone")
    return folder


def reach(root: str, python: str, greeting: bytes) -> Link:
    """A greeted connection to the server of the checkout `root`; OSError or UnreachableError where there is none.

    The working folder becomes `OPS_HOME/run`: a socket's path must be short, and a process that stood in an agent's
    clone would be taken for the agent.
    """
    state = state_path(os.environ, os.path.expanduser("~"))
    os.chdir(run_folder(state))
    for _ in range(5):
        name = server_name(root)
        if (link := connect(name)) is None:
            from mcp_server.server.pump.process import start  # noqa: PLC0415  the first client of a host alone needs it

            start(name, state, python)
        elif ask(link, greeting) is not None:
            return link
    raise UnreachableError(f"the ops server does not start; what it said is in {state}/logs/host-stderr.log")


def server_name(root: str) -> str:
    """Version, place and age of the code, umask, and the view of the host's files, in one name for a socket."""
    try:
        view = os.readlink("/proc/self/ns/mnt")
    except OSError:
        view = ""
    os.umask(mask := os.umask(0o077))
    facts = (root, _age(f"{root}/mcp_server"), mask, view)
    return f"{__version__}-{crc32(repr(facts).encode()):08x}.sock"


def _age(folder: str) -> int:
    """When the newest of the modules below was written."""
    newest, folders = 0, [folder]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    newest = max(newest, entry.stat().st_mtime_ns)
                elif entry.is_dir() and entry.name != "__pycache__":
                    folders.append(entry.path)
    return newest


def connect(name: str) -> Link | None:
    """A connection to the socket `name` in the working folder; None where nobody listens."""
    link = _socket.socket(_socket.AF_UNIX)
    link.settimeout(PATIENCE)
    try:
        link.connect(name)
    except GONE:
        link.close()
        return None
    return link


def ask(link: Link, line: bytes) -> bytes | None:
    """The server's one line of JSON in answer to a greeting or question. None, and the link closed: it went away, or
    hung and was ended.
    """
    answer, waited = b"", 0.0
    try:
        link.sendall(line)
        while not answer.endswith(b"\n"):
            try:
                chunk = link.recv(65536)
            except TimeoutError:
                waited += PATIENCE
                if waited < _START and not _ended(link):
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


def _ended(link: Link) -> bool:
    from mcp_server.server.pump.process import end_if_a_server, pid_of  # noqa: PLC0415  hardly ever

    return end_if_a_server(pid_of(link))
