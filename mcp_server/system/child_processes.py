"""Waiting for a program that was started here: for a limited time, and only while its call is still wanted."""

import os
import signal
import time
from contextlib import suppress
from subprocess import Popen, TimeoutExpired
from typing import NamedTuple

from mcp_server.kernel.cancellation import stop_if_cancelled
from mcp_server.kernel.errors import CancelledCallError

_INTERVAL = 0.2
"Seconds between two checks whether the call is still wanted."


class Output(NamedTuple):
    """A program's output as bytes; of one that was killed for taking too long, what it had printed by then."""

    out: bytes
    error: bytes
    in_time: bool


def wait_for(process: Popen[bytes], patience: float, stdin: bytes | None = None) -> Output:
    """Wait for `process`, which gets `stdin` on its standard input, to end, for at most `patience` seconds.

    A program that leads a session is killed with everything it started. `CancelledCallError` if the call is over.
    """
    deadline = time.monotonic() + patience
    while True:
        left = deadline - time.monotonic()
        try:
            out, error = process.communicate(stdin, timeout=max(0.0, min(_INTERVAL, left)))
            return Output(out or b"", error or b"", in_time=True)
        except TimeoutExpired:
            stdin = None  # already being written
        if left <= _INTERVAL:
            return _killed(process)
        try:
            stop_if_cancelled()
        except CancelledCallError:
            _killed(process)
            raise


def _killed(process: Popen[bytes]) -> Output:
    with suppress(ProcessLookupError):
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    out, error = process.communicate()
    return Output(out or b"", error or b"", in_time=False)
