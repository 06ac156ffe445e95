"""The process of the host's server: started where there is none, known by its socket, ended where it hangs.

Who starts one listens first and hands the socket over, so that all others can connect at once and wait there.
"""

import fcntl
import os
import signal
import socket
import struct
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import IO

from mcp_server.server.pump.caller import TELEMETRY
from mcp_server.server.pump.reach import Link, connect

_MODULE = b"mcp_server.server.shared_server"
_BEGIN = "import gc, sys; gc.disable(); from mcp_server.server.shared_server import main; main(*sys.argv[1:])"
"Nothing that is loaded at the start is garbage: not looking for any saves a sixth of it."


def pid_of(link: Link) -> int:
    """The process that listens at the other end; 0 where the platform does not tell."""
    if not hasattr(socket, "SO_PEERCRED"):
        return 0
    pid, _, _ = struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return pid


def end_if_a_server(pid: int) -> bool:
    """End a server that hangs. One that is still being started is not yet one: its starter listens."""
    with suppress(OSError):
        if _MODULE in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def start(name: str, state: str, python: str) -> None:
    """Start the server that is to listen at `name` in the working folder, unless somebody else just did. It outlives
    us and our group.
    """
    mask = os.umask(0o077)
    try:
        with Path("start.lock").open("ab") as lock, Path(state, "logs", "host-stderr.log").open("ab") as said:
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


def _spawn(server: list[str], listener: int, mask: int, said: IO[bytes]) -> None:
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
