"""One git process with a time limit, which can only read unless its caller asks for a change.

A clone of the fleet is somebody else's work in progress: a read writes nothing there, not even the index, runs none
of its hooks and asks nobody for a password. A change runs the clone's hooks, because they guard it.

Git is started directly and not through GitPython, see docs/adr/0081-git-without-gitpython.md.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import NamedTuple

from mcp_server.kernel.cancellation import begin_change
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.shims import past_shims
from mcp_server.system.child_processes import wait_for

# A clone's own configuration could start programs on a mere read: a file-system monitor, hooks.
_QUIET = ("-c", "core.fsmonitor=false", "--literal-pathspecs")
_NO_HOOKS = ("-c", "core.hooksPath=/dev/null")
# Variables about reach and trust, not about the repository: a hook's GIT_DIR must not redirect a read.
_KEPT = {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_SSH_COMMAND", "GIT_EXEC_PATH"}


class Completed(NamedTuple):
    """`code` is git's exit code, -1 if it was stopped for taking too long; `out` is without its last newline."""

    code: int
    out: str
    error: str


def run_git(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str],
    patience: float = 60.0,
    variables: Mapping[str, str] | None = None,
    hooks: bool = False,
) -> Completed:
    """Run git in `folder` with the caller's `environment` (this process may serve several callers), for at most
    `patience` seconds; `unavailable` without git.
    """
    kept = {name: value for name, value in environment.items() if not name.startswith("GIT_") or name in _KEPT}
    path = past_shims(kept.get("PATH") or os.environ.get("PATH", os.defpath))
    given = {**kept, "PATH": path, **_quieted(kept), **(variables or {})}
    if hooks:
        begin_change()
    quiet = _QUIET if hooks else (*_QUIET, *_NO_HOOKS)
    command = ["git", "-C", str(folder), *quiet, *arguments]
    try:
        process = Popen(command, env=given, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, start_new_session=True)
    except OSError:
        step = "Install git, and check that it is on the PATH: git --version"
        raise OpsError("unavailable", "git cannot be started", step) from None
    out, error, in_time = wait_for(process, patience)
    if not in_time:
        return Completed(-1, "", f"git did not answer within {patience:g} s")
    return Completed(process.returncode, os.fsdecode(out).removesuffix("\n"), os.fsdecode(error))


def _quieted(environment: Mapping[str, str]) -> dict[str, str]:
    """No prompt, no program for passwords, ssh in batch mode, no lock, no lazy fetch; messages in English."""
    return {
        "LC_ALL": "C",
        "LANGUAGE": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_SSH_COMMAND": environment.get("GIT_SSH_COMMAND", "ssh") + " -o BatchMode=yes -o ConnectTimeout=8",
        "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
    }
