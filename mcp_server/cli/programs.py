"""`ops demo` and `ops serve` are separate programs, which replace this process."""

import os
import sys

_MODULES = {"demo": "mcp_server.demo", "serve": "mcp_server.server"}


def run_program(arguments: list[str]) -> int:
    """Replace this process by the program, so that the command line never loads `mcp`."""
    command = [sys.executable, "-I", "-m", _MODULES[arguments[0]], *arguments[1:]]
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606  # no shell: an argv list
