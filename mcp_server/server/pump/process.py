"""The process of the host's shared server: starts it, finds its process id, kills it when it hangs.

Whoever starts the server binds its socket first and hands it over: other clients can connect at once and wait.
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
from mcp_server.server.pump.connection import Link, connect

_MODULE = b"mcp_server.server.shared_server"
_BEGIN = "import gc, sys; gc.disable(); from mcp_server.server.shared_server import main; main(*sys.argv[1:])"
"Nothing loaded at the start is garbage: without the collector a start is a sixth faster."


def pid_of(link: Link) -> int:
    """The process that listens at the other end; 0 where the platform does not report it."""
    if not hasattr(socket, "SO_PEERCRED"):
        return 0
    pid, _, _ = struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return pid


def kill_if_server(pid: int) -> bool:
    """Kill a server that hangs. While it starts, the listening process is its starter, which is left alone."""
    with suppress(OSError):
        if _MODULE in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def start(name: str, state: str, python: str) -> None:
    """Start the server that listens at `name` in the working folder, unless another process just did.

    The server outlives this process and its group.
    """
    mask = os.umask(0o077)
    try:
        with Path("start.lock").open("ab") as lock, Path(state, "logs", "host-stderr.log").open("ab") as log:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if link := connect(name):
                link.close()
                return
            with suppress(FileNotFoundError):
                Path(name).unlink()
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(name)
                listener.listen(256)
                _spawn([python, "-I", "-X", "utf8", "-c", _BEGIN, name], listener.fileno(), mask, log)
    finally:
        os.umask(mask)


def _spawn(server: list[str], listener: int, mask: int, log: IO[bytes]) -> None:
    telemetry = {name: os.environ[name] for name in TELEMETRY if name in os.environ}
    if attributes := telemetry.get("OTEL_RESOURCE_ATTRIBUTES"):  # the server is no agent's
        kept = (pair for pair in attributes.split(",") if not pair.startswith(("ops.agent=", "ops.role=")))
        telemetry["OTEL_RESOURCE_ATTRIBUTES"] = ",".join(kept)
    # The shell exits at once, so that the server is no child of the client: killing the client's tree spares it.
    subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" &', "sh", *server, str(listener)],
        # From the environment of the client that happens to start it only where traces and metrics go.
        env={"PATH": os.defpath, "GIT_PYTHON_REFRESH": "quiet", **telemetry},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=log,
        start_new_session=True,
        umask=mask,
        pass_fds=(listener,),
        check=True,
    )
