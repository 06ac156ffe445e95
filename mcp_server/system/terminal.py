"""The user at this process's terminal: secrets from their keyring, and answers that they type.

A secret is in the environment or in the keyring of the desktop, never an argument.

Linux: `secret-tool store --label ops service ops name OPS_WEBHOOK` (libsecret). macOS: `security
add-generic-password -s ops -a OPS_WEBHOOK -w`.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.placeholder import PLACEHOLDER
from mcp_server.kernel.secret import Secret
from mcp_server.kernel.visible import visible
from mcp_server.system.programs import find_program, run_program

_PROGRAMS: Final = {
    "secret-tool": ("lookup", "service", "ops", "name"),
    "security": ("find-generic-password", "-w", "-s", "ops", "-a"),
}
_PASSED: Final = frozenset({"PATH", "HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY"})
_PATIENCE: Final = 5.0
"Seconds: a locked keyring asks for its password, and nobody may be there."


def secret_of(name: str, environment: Mapping[str, str]) -> Secret | None:
    """The secret of this name in the environment or the keyring; empty variables and placeholders do not count."""
    if (value := environment.get(name)) and value != PLACEHOLDER:
        return Secret(value)
    for program, words in _PROGRAMS.items():
        if binary := find_program(program, environment):
            passed = {name: value for name, value in environment.items() if name in _PASSED}
            found = run_program([binary, *words, name], "", Path("/"), passed, _PATIENCE)
            if found.code == 0 and (value := found.out.rstrip("\n")):
                return Secret(value)
    return None


def tell(line: str) -> None:
    """Show the person a line on standard error."""
    sys.stderr.write(f"ops: {visible(line)}\n")
    sys.stderr.flush()


def ask_in_terminal(question: str) -> str:
    """Ask at the terminal itself, since standard input and output may be redirected; returns the typed line."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        raise OpsError(
            "denied", "only a person at a terminal can confirm this, and there is no terminal", "Run it in a terminal"
        ) from None
    with os.fdopen(terminal, "r+b", buffering=0) as both:
        both.write(visible(question).encode())
        return both.readline(500).decode("utf-8", "replace").strip()
