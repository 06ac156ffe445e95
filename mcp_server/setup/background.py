"""Runs the set-up as a separate process, which goes on when the client leaves early."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from mcp_server.kernel.errors import OpsError
from mcp_server.setup.environment import RUNTIME


class BackgroundSetUp:
    """A running set-up, started on creation. Its output goes to an unnamed file that only this process can read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.output, self.process = self._start()

    def restart_if_failed(self) -> None:
        """Start it again if it failed: the network may be back."""
        if self.process.poll():
            self.output.close()
            self.output, self.process = self._start()

    def failure(self) -> OpsError | None:
        """Why the set-up failed, from its own output; None while it runs or after success."""
        if not self.process.poll():
            return None
        match self._lines():
            case [*_, message, advice] if advice.startswith("next: "):
                return OpsError("unavailable", message, advice.removeprefix("next: "))
            case lines:
                run = f"Run {self.root / 'bin' / 'ops'} in a terminal and read its output"
                return OpsError("unavailable", f"the set-up crashed: {lines[-1:]}", run)

    def not_ready(self) -> OpsError:
        """The error for a call while the set-up runs, with its progress."""
        step = (self._lines() or ["starting"])[-1]
        return OpsError(
            "unavailable", f"ops is setting itself up, which it does once: {step}", "Call again in a minute"
        )

    def _start(self) -> tuple[IO[bytes], subprocess.Popen[bytes]]:
        output = tempfile.TemporaryFile()  # noqa: SIM115  open for as long as the session
        command = [sys.executable, "-I", "-S", str(self.root / "mcp_server" / "setup"), RUNTIME]
        quiet = subprocess.DEVNULL
        return output, subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=output, start_new_session=True)

    def _lines(self) -> list[str]:
        text = os.pread(self.output.fileno(), 1 << 20, 0).decode(errors="replace")
        return [line.removeprefix("ops: ") for line in text.splitlines() if line.strip()]
