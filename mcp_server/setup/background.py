"""The set-up as a process of its own, which outlives a client that leaves early: the next one finds it further."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from mcp_server.kernel.errors import OpsError
from mcp_server.setup.environment import RUNTIME


class BackgroundSetUp:
    """Starts with its creation. What it says goes to a nameless file, which only this process can read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.said, self.process = self._start()

    def restart_if_failed(self) -> None:
        """Try again: the network may be back."""
        if self.process.poll():
            self.said.close()
            self.said, self.process = self._start()

    def failure(self) -> OpsError | None:
        """Why the set-up failed, as it said itself; None while it runs, or when it succeeded."""
        if not self.process.poll():
            return None
        match self._lines():
            case [*_, message, advice] if advice.startswith("next: "):
                return OpsError("unavailable", message, advice.removeprefix("next: "))
            case lines:
                run = f"Run {self.root / 'bin' / 'ops'} in a terminal and read what it says"
                return OpsError("unavailable", f"the set-up crashed: {lines[-1:]}", run)

    def patience(self) -> OpsError:
        """How far the set-up is."""
        step = (self._lines() or ["starting"])[-1]
        return OpsError(
            "unavailable", f"ops is setting itself up, which it does once: {step}", "Call again in a minute"
        )

    def _start(self) -> tuple[IO[bytes], subprocess.Popen[bytes]]:
        said = tempfile.TemporaryFile()  # noqa: SIM115  open for as long as the session
        command = [sys.executable, "-I", "-S", str(self.root / "mcp_server" / "setup"), RUNTIME]
        quiet = subprocess.DEVNULL
        return said, subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=said, start_new_session=True)

    def _lines(self) -> list[str]:
        text = os.pread(self.said.fileno(), 1 << 20, 0).decode(errors="replace")
        return [line.removeprefix("ops: ") for line in text.splitlines() if line.strip()]
