"""Runs one check of a page: shell text that somebody has seen and the guard has judged, bounded in time."""

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from mcp_server.domain.agent_start import is_inherited
from mcp_server.domain.errors import refused_by_os

_MOST = 20_000


def run_check(command: str, folder: Path, environment: Mapping[str, str], patience: float = 300.0) -> tuple[int, str]:
    """Exit code and the end of what it printed; -1 when it was ended for taking too long. No key of Claude's reaches
    it, and nothing can be typed to it."""
    own = {name: value for name, value in environment.items() if is_inherited(name)}
    with refused_by_os(f"no check can be run in {folder}", "ls -la /bin/sh"):
        process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            cwd=folder,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        out, _ = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return -1, f"it did not end within {patience:g} s"
    return process.returncode, out[-_MOST:].decode("utf-8", "replace")
