"""A secret that the operator keeps in the environment, or in the keyring of the desktop; it is never an argument.

Linux: `secret-tool store --label ops service ops name OPS_WEBHOOK` (libsecret). macOS: `security
add-generic-password -s ops -a OPS_WEBHOOK -w`.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import Final

from mcp_server.domain.secret import Secret

_PROGRAMS: Final = {
    "secret-tool": ("lookup", "service", "ops", "name"),
    "security": ("find-generic-password", "-w", "-s", "ops", "-a"),
}
_PASSED: Final = frozenset({"PATH", "HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY"})
_PATIENCE: Final = 5.0
"Seconds: a locked keyring asks a person, who may not be there."


def secret_of(name: str, environment: Mapping[str, str]) -> Secret | None:
    """What `name` stands for; None where neither knows it. An empty variable is none."""
    if value := environment.get(name):
        return Secret(value)
    for program, words in _PROGRAMS.items():
        binary = shutil.which(program, path=environment.get("PATH", os.defpath))
        if binary and (value := _asked([binary, *words, name], environment)):
            return Secret(value)
    return None


def _asked(command: list[str], environment: Mapping[str, str]) -> str:
    try:
        done = subprocess.run(
            command,
            env={name: value for name, value in environment.items() if name in _PASSED},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.rstrip("\n") if done.returncode == 0 else ""
