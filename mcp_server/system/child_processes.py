"""The end of a program that we started: waited for within bounds, and no longer than its call is wanted."""

import os
import signal
import time
from contextlib import suppress
from subprocess import Popen, TimeoutExpired
from typing import NamedTuple

from mcp_server.kernel.cancellation import go_on
from mcp_server.kernel.errors import CancelledCallError

_GLANCE = 0.2
"Seconds between two looks whether the call is still wanted."


class Said(NamedTuple):
    """What a program said, as bytes; of one that was ended for taking too long, what it had said by then."""

    out: bytes
    error: bytes
    in_time: bool


def said_by(process: Popen[bytes], patience: float, given: bytes | None = None) -> Said:
    """Wait for the end of `process`, which has `given` on its standard input, for `patience` seconds at most.

    A program of a session of its own is ended with all that it started. `CancelledCallError` where the call is over.
    """
    deadline = time.monotonic() + patience
    while True:
        left = deadline - time.monotonic()
        try:
            out, error = process.communicate(given, timeout=max(0.0, min(_GLANCE, left)))
            return Said(out or b"", error or b"", in_time=True)
        except TimeoutExpired:
            given = None  # it is on its way
        if left <= _GLANCE:
            return _ended(process)
        try:
            go_on()
        except CancelledCallError:
            _ended(process)
            raise


def _ended(process: Popen[bytes]) -> Said:
    with suppress(ProcessLookupError):
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    out, error = process.communicate()
    return Said(out or b"", error or b"", in_time=False)
