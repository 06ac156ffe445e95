"""The host's server: found by its socket, started where there is none, replaced where it hangs.

One per installed version: the socket's name is made of all that makes two servers differ. Who starts one listens
first and hands the socket over, so that all others can connect at once and wait there.
"""

import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import zlib
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from mcp_server import __version__
from mcp_server.domain.places import state_folder
from mcp_server.pump.caller import TELEMETRY

PATIENCE = 10.0
"Seconds within which a server's loop, which only ever waits, has answered a greeting; else it hangs."
_START = 60.0
"Seconds for a start on a host that is busy starting 25 agents."
_MODULE = b"mcp_server.host"
_BEGIN = "import gc, sys; gc.disable(); from mcp_server.host import main; main(*sys.argv[1:])"
"Nothing that is loaded at the start is garbage: not looking for any saves a sixth of it."
_GONE = (FileNotFoundError, ConnectionRefusedError, ConnectionResetError, BrokenPipeError)


class UnreachableError(Exception):
    """There is no server, and none can be started."""


def run_folder(state: Path) -> Path:
    """`OPS_HOME/run`, made private; OSError where it cannot be, or is not this user's alone."""
    folder = state / "run"
    for place in (state, folder, state / "logs"):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not this user's alone")
    return folder


def reach(root: Path, python: Path, greeting: bytes) -> socket.socket:
    """A greeted connection to the server of the checkout `root`; OSError or UnreachableError where there is none.

    The working folder becomes `OPS_HOME/run`: a socket's path must be short, and a process that stood in an agent's
    clone would be taken for the agent.
    """
    state = state_folder(os.environ, Path.home())
    os.chdir(run_folder(state))
    for _ in range(5):
        name = server_name(root)
        if (link := connect(name)) is None:
            _start(name, state, python)
        elif ask(link, greeting) is not None:
            return link
    log = state / "logs" / "host-stderr.log"
    raise UnreachableError(f"the ops server does not start; what it said is in {log}")


def server_name(root: Path) -> str:
    """Version, place and age of the code, umask, and the view of the host's files, in one name for a socket."""
    newest, view = 0, Path("/proc/self/ns/mnt")
    for folder, folders, names in os.walk(root / "mcp_server"):
        if "__pycache__" in folders:
            folders.remove("__pycache__")
        ages = (Path(folder, name).stat().st_mtime_ns for name in names if name.endswith(".py"))
        newest = max(newest, *ages, 0)
    os.umask(mask := os.umask(0o077))
    facts = (os.fsdecode(root), newest, mask, str(view.readlink()) if view.exists() else "")
    return f"{__version__}-{zlib.crc32(repr(facts).encode()):08x}.sock"


def connect(name: str) -> socket.socket | None:
    """A connection to the socket `name` in the working folder; None where nobody listens."""
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(PATIENCE)
    try:
        link.connect(name)
    except _GONE:
        link.close()
        return None
    return link


def ask(link: socket.socket, line: bytes) -> dict[str, Any] | None:
    """The server's one line in answer to a greeting or question. None, and the link closed: it went away, or hung
    and was ended.
    """
    answer, waited = b"", 0.0
    with suppress(*_GONE):
        link.sendall(line)
        while not answer.endswith(b"\n"):
            try:
                chunk = link.recv(65536)
            except TimeoutError:
                waited += PATIENCE
                if waited < _START and not _end_if_a_server(pid_of(link)):
                    continue
                chunk = b""
            if not chunk:
                break
            answer += chunk
        if answer.endswith(b"\n"):
            link.settimeout(None)
            return json.loads(answer)
    link.close()
    return None


def pid_of(link: socket.socket) -> int:
    """The process that listens at the other end; 0 where the platform does not tell."""
    if not hasattr(socket, "SO_PEERCRED"):
        return 0
    pid, _, _ = struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return pid


def _end_if_a_server(pid: int) -> bool:
    """End a server that hangs. One that is still being started is not yet one: its starter listens."""
    with suppress(OSError):
        if _MODULE in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def _start(name: str, state: Path, python: Path) -> None:
    """Start the server that is to listen at `name`, unless somebody else just did. It outlives us and our group."""
    mask = os.umask(0o077)
    try:
        with Path("start.lock").open("ab") as lock, (state / "logs" / "host-stderr.log").open("ab") as said:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if there := connect(name):
                there.close()
                return
            with suppress(FileNotFoundError):
                Path(name).unlink()
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(name)
                listener.listen(256)
                _spawn([python, "-I", "-X", "utf8", "-c", _BEGIN, name], listener.fileno(), mask, said)
    finally:
        os.umask(mask)


def _spawn(server: list[str | Path], listener: int, mask: int, said: IO[bytes]) -> None:
    telemetry = {name: os.environ[name] for name in TELEMETRY if name in os.environ}
    # The shell leaves at once: nobody who ends the client's processes, children and all, ends the server with them.
    subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" &', "sh", *server, str(listener)],
        # Nothing of the client that happens to be the first, but where traces and metrics go.
        env={"PATH": os.defpath, "GIT_PYTHON_REFRESH": "quiet", **telemetry},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=said,
        start_new_session=True,
        umask=mask,
        pass_fds=(listener,),
        check=True,
    )
