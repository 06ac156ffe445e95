"""Other programs: found, asked, run as a check, or become, so that no process of ours stays behind."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mcp_server.clients.claude import is_inherited
from mcp_server.kernel.errors import OpsError, refused_by_os
from mcp_server.kernel.shims import past_shims
from mcp_server.system.child_processes import said_by


@dataclass(frozen=True)
class Consulted:
    """What a program of ours answered. `code` is None where it could not be started, or was stopped."""

    code: int | None
    out: str
    error: str


_MOST = 20_000
"Bytes of what a check prints."
_PACKAGES: Final = {"claude": "@anthropic-ai/claude-code", "codex": "@openai/codex", "gemini": "@google/gemini-cli"}


def find_program(name: str, environment: Mapping[str, str]) -> str | None:
    """The program on the PATH that is none of the guard's own; None where there is none.

    A relative entry of the PATH would let the folder choose the program.
    """
    folders = past_shims(environment.get("PATH", os.defpath)).split(os.pathsep)
    return shutil.which(name, path=os.pathsep.join(folder for folder in folders if Path(folder).is_absolute()))


def installed_version(client: str, environment: Mapping[str, str]) -> str | None:
    """Of the client on the PATH, by its files: it is not started. None where they do not tell."""
    program = find_program(client, environment)
    return version_of(client, program) if program else None


def version_of(client: str, program: str) -> str | None:
    """npm's package tells it in a file; the native installer of Claude Code names its programs by their version."""
    path = Path(os.path.realpath(program))
    if client == "claude" and re.fullmatch(r"\d+\.\d+\.\d+\S*", path.name):
        return path.name
    with suppress(OSError, ValueError, AttributeError, IndexError):
        package = json.loads((path.parents[1] / "package.json").read_bytes())
        return str(package["version"]) if package.get("name") == _PACKAGES[client] else None
    return None


def consult(
    command: Sequence[str], text: str, folder: Path, environment: Mapping[str, str], patience: float = 30.0
) -> Consulted:
    """Run a command to its end in `folder`, with `text` on its standard input, for at most `patience` seconds."""
    try:
        done = subprocess.run(
            list(command),
            input=text,
            cwd=folder,
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return Consulted(None, "", str(error))
    return Consulted(done.returncode, done.stdout, done.stderr)


def run_check(command: str, folder: Path, environment: Mapping[str, str], patience: float = 300.0) -> tuple[int, str]:
    """Run one check of a page: shell text that somebody has seen and the guard has judged.

    Exit code and the end of what it printed; -1 when it was ended for taking too long. No key of Claude's reaches it,
    and nothing can be typed to it.
    """
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
    out, _, in_time = said_by(process, patience)
    if not in_time:
        return -1, f"it did not end within {patience:g} s"
    return process.returncode, out[-_MOST:].decode("utf-8", "replace")


def become(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
    """Replace this process by `command` in `folder`, with this environment alone; `unavailable` where it is missing.

    OPS_CLAUDE names the `claude` to take.
    """
    found = find_program(command[0], environment)
    if command[0] == "claude":
        found = environment.get("OPS_CLAUDE") or found
    if not found:
        step = f"Install {command[0]}, or add its folder to the PATH"
        raise OpsError("unavailable", f"there is no `{command[0]}` on the PATH", step)
    sys.stdout.flush()
    with refused_by_os(f"{found} does not start", f"Try it: {found} --version"):
        os.chdir(folder)
        os.execve(found, list(command), dict(environment))  # noqa: S606  # no shell: an argv list
