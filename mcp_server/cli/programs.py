"""`ops demo` and `ops serve`: programs of their own, started in this process's place."""

import os
import sys

_MODULES = {"demo": "mcp_server.demo", "serve": "mcp_server.server"}


def run_program(arguments: list[str]) -> int:
    """Replace this process by the program; the CLI itself never loads `mcp`."""
    command = [sys.executable, "-I", "-m", _MODULES[arguments[0]], *arguments[1:]]
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606  # no shell: an argv list
