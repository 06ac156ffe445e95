"""The version of a client that is installed on this host, from its files: the client is not started."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from mcp_server.clients import claude, codex, gemini
from mcp_server.system.programs import find_program, package_version

_PACKAGES = {"claude": claude.NPM_PACKAGE, "codex": codex.NPM_PACKAGE, "gemini": gemini.NPM_PACKAGE}


def installed_version(client: str, environment: Mapping[str, str]) -> str | None:
    """The version of the client on the PATH; None without one, empty if its files do not say."""
    program = find_program(client, environment)
    return version_of(client, program) if program else None


def version_of(client: str, program: str) -> str:
    """The version in npm's package, empty without one; Claude Code's native installer names its programs by it."""
    name = Path(os.path.realpath(program)).name
    if client == "claude" and re.fullmatch(r"\d+\.\d+\.\d+\S*", name):
        return name
    return package_version(program, _PACKAGES[client]) or ""
