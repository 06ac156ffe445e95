"""Other programs: finding them, running them to their end, and replacing this process by one."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mcp_server.kernel.errors import OpsError, refused_by_os
from mcp_server.kernel.shims import past_shims
from mcp_server.system.child_processes import wait_for

_MOST = 20_000
"Bytes that are kept of a check's output."


class Completed(NamedTuple):
    """The result of a program. `code` is None if it could not be started, or was stopped."""

    code: int | None
    out: str
    error: str


def find_program(name: str, environment: Mapping[str, str]) -> str | None:
    """The program on the PATH, past the guard's own ones; None if there is none.

    Relative entries of the PATH are skipped: they would let the working folder choose the program.
    """
    folders = past_shims(environment.get("PATH", os.defpath)).split(os.pathsep)
    return shutil.which(name, path=os.pathsep.join(folder for folder in folders if Path(folder).is_absolute()))


def package_version(program: str, package: str) -> str | None:
    """The version of `program` according to npm's `package.json` of this package; None if it has another or none."""
    path = Path(os.path.realpath(program))
    with suppress(OSError, ValueError, AttributeError, IndexError, KeyError):
        found = json.loads((path.parents[1] / "package.json").read_bytes())
        return str(found["version"]) if found.get("name") == package else None
    return None


def run_program(
    command: Sequence[str], text: str, folder: Path, environment: Mapping[str, str], patience: float = 30.0
) -> Completed:
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
        return Completed(None, "", str(error))
    return Completed(done.returncode, done.stdout, done.stderr)


def run_check(command: str, folder: Path, environment: Mapping[str, str], patience: float = 300.0) -> tuple[int, str]:
    """Run a check from a page: shell text that a person has seen and the guard has judged.

    Returns its exit code, -1 if it was killed after `patience` seconds, and the end of its output. It has no terminal
    and no standard input.
    """
    with refused_by_os(f"no check can be run in {folder}", "ls -la /bin/sh"):
        process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    out, _, in_time = wait_for(process, patience)
    if not in_time:
        return -1, f"it did not end within {patience:g} s"
    return process.returncode, out[-_MOST:].decode("utf-8", "replace")


def replace_process(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
    """Replace this process by `command` in `folder`, with exactly this environment; `unavailable` if it is missing.

    The program is a full path, or a name that is looked up on the PATH.
    """
    name = command[0]
    found = name if Path(name).is_absolute() else find_program(name, environment)
    if not found:
        step = f"Install {name}, or add its folder to the PATH"
        raise OpsError("unavailable", f"there is no `{name}` on the PATH", step)
    sys.stdout.flush()
    # Python ignores these two, and an ignored signal stays ignored in the program.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    with refused_by_os(f"{found} does not start", f"Try it: {found} --version"):
        os.chdir(folder)
        os.execve(found, list(command), dict(environment))  # noqa: S606  # no shell: an argv list
