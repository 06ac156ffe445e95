"""Becoming another program: no process of ours stays behind."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mcp_server.domain.errors import OpsError


def become(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
    """Replace this process by `command` in `folder`, with this environment alone; `unavailable` where it is missing.

    OPS_CLAUDE names the `claude` to take. A relative entry of the PATH would let the folder choose the program.
    """
    folders = environment.get("PATH", os.defpath).split(os.pathsep)
    found = shutil.which(command[0], path=os.pathsep.join(f for f in folders if Path(f).is_absolute()))
    if command[0] == "claude":
        found = environment.get("OPS_CLAUDE") or found
    if not found:
        step = f"Install {command[0]}, or add its folder to the PATH"
        raise OpsError("unavailable", f"there is no `{command[0]}` on the PATH", step)
    sys.stdout.flush()
    try:
        os.chdir(folder)
        os.execve(found, list(command), dict(environment))  # noqa: S606  # no shell: an argv list
    except OSError as error:
        raise OpsError(
            "unavailable", f"{found} does not start: {error.strerror}", f"Try it: {found} --version"
        ) from None
