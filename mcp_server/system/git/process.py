"""One bounded git process that can only look, unless it is told to change.

A clone of the fleet is somebody else's work in progress: a look writes nothing there, not even the index, runs
none of its hooks, and asks nobody for a password. A change runs the clone's hooks: they guard it.

Changes are started through GitPython. Looks are not: an audit makes hundreds, and GitPython costs an import, and an
`env` around each git, since it lays variables over this process's own and can take none of those away.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import NamedTuple, cast

from mcp_server.kernel.cancellation import changes_now
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.shims import past_shims
from mcp_server.system.child_processes import said_by

# A clone's own configuration could start programs on a mere look: a file-system monitor, hooks.
_QUIET = ("-c", "core.fsmonitor=false", "--literal-pathspecs")
_NO_HOOKS = ("-c", "core.hooksPath=/dev/null")
# Variables that say how to reach and trust, not which repository: a hook's GIT_DIR must not redirect a look.
_KEPT = {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_SSH_COMMAND", "GIT_EXEC_PATH"}


class Ran(NamedTuple):
    """`code` is git's exit code, -1 when it was stopped for taking too long; `out` without its last newline."""

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
) -> Ran:
    """Run git in `folder`, as in the caller's `environment` (this process may serve several), for at most `patience`
    seconds; `unavailable` where there is no git.
    """
    kept = {name: value for name, value in environment.items() if not name.startswith("GIT_") or name in _KEPT}
    path = past_shims(kept.get("PATH") or os.environ.get("PATH", os.defpath))
    given = {**kept, "PATH": path, **_quieted(kept), **(variables or {})}
    if hooks:
        changes_now()
    quiet = _QUIET if hooks else (*_QUIET, *_NO_HOOKS)
    process = (_start_change if hooks else _start_look)(["git", "-C", str(folder), *quiet, *arguments], given)
    out, error, in_time = said_by(process, patience)
    if not in_time:
        return Ran(-1, "", f"git did not answer within {patience:g} s")
    if process.returncode == 127:  # `env` found no git
        raise _no_git()
    return Ran(process.returncode, os.fsdecode(out).removesuffix("\n"), os.fsdecode(error))


def _start_look(command: list[str], environment: dict[str, str]) -> Popen[bytes]:
    try:
        return Popen(command, env=environment, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, start_new_session=True)
    except OSError:
        raise _no_git() from None


def _start_change(command: list[str], environment: dict[str, str]) -> Popen[bytes]:
    try:
        # Here, since the import costs more than the rest of a start, and fails where this process finds no git.
        from git import Git, GitCommandNotFound  # noqa: PLC0415
    except ImportError:
        if os.environ.get("PATH") == environment["PATH"]:
            raise _no_git() from None
        os.environ["PATH"] = environment["PATH"]  # the shared server begins with the system's, and a caller has more
        return _start_change(command, environment)
    unset = [word for name in os.environ if name not in environment for word in ("-u", name)]
    try:
        running = Git("/").execute(
            ["/usr/bin/env", *unset, *command], env=environment, as_process=True, start_new_session=True
        )
    except (GitCommandNotFound, OSError):
        raise _no_git() from None
    process = cast("Popen[bytes]", running.proc)
    running.proc = None  # ours now: the wrapper would end it when it is dropped
    return process


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


def _no_git() -> OpsError:
    return OpsError("unavailable", "git cannot be started", "Install git, and see that it is on PATH: git --version")
