"""One git process with a time limit, which can only read unless its caller asks for a change.

A clone of the fleet is somebody else's work in progress: a read writes nothing there, not even the index, runs none
of its hooks and asks nobody for a password. A change runs the clone's hooks, because they guard it.

Git is started directly and not through GitPython, see docs/adr/0081-git-without-gitpython.md.
"""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import NamedTuple

from mcp_server.kernel.cancellation import begin_change
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.shims import past_shims
from mcp_server.system.child_processes import wait_for
from mcp_server.system.git.foreign_programs import (
    ALWAYS,
    ASKS_OTHERS,
    LISTING,
    READS_FILES,
    Setting,
    filters_in,
    overrides,
    values_in,
)

_QUIET = ("-c", "core.fsmonitor=false", "--literal-pathspecs")
_HARMLESS = tuple(word for name, value in ALWAYS for word in ("-c", f"{name}={value}"))
# Variables about reach and trust, not about the repository: a hook's GIT_DIR must not redirect a read.
_KEPT = {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_SSH_COMMAND", "GIT_EXEC_PATH"}


class Completed(NamedTuple):
    """`code` is git's exit code, -1 if it was stopped for taking too long; `out` is without its last newline."""

    code: int
    out: str
    error: str


class Looked(Completed):
    """The answer of a git that was kept from running programs of the clone.

    `settings` is its effective configuration: each setting with all its values, the last of which counts.
    `unfiltered`: filters are configured and did not run, so that the answer may be wrong for a file with one.
    """

    settings: Mapping[str, Sequence[str]]
    unfiltered: bool


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

    Without `hooks`, which are for changes, git starts no program that the clone names.
    """
    start = partial(_started, folder, environment, patience)
    if hooks:
        begin_change()
        return start((*_QUIET, *arguments), variables or {})
    quiet, command = (*_QUIET, *_HARMLESS), _command(arguments)
    reach = {} if command in ASKS_OTHERS else {"GIT_ALLOW_PROTOCOL": "none"}
    given = {**reach, **(variables or {})}
    if command not in READS_FILES | ASKS_OTHERS:
        return start((*quiet, *arguments), given)
    listed = start((*quiet, *LISTING), given)
    if listed.code:
        return listed
    settings = overrides(listed.out)
    done = Looked(*start((*quiet, *arguments), {**given, **_as_variables(settings)}))
    done.settings, done.unfiltered = values_in(listed.out), filters_in(settings)
    return done


def _command(arguments: Sequence[str]) -> str | None:
    """Git's command, past the options before it."""
    words = iter(arguments)
    for word in words:
        if word == "-c":
            next(words)
        elif not word.startswith("-"):
            return word
    return None


def _as_variables(settings: Sequence[Setting]) -> dict[str, str]:
    """Settings for the environment, which takes a name with any character."""
    pairs = ((f"GIT_CONFIG_{what}_{n}", text) for n, pair in enumerate(settings) for what, text in _named(pair))
    return {"GIT_CONFIG_COUNT": str(len(settings)), **dict(pairs)}


def _named(pair: Setting) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("KEY", pair[0]), ("VALUE", pair[1])


def _started(
    folder: Path, environment: Mapping[str, str], patience: float, words: Sequence[str], variables: Mapping[str, str]
) -> Completed:
    kept = {name: value for name, value in environment.items() if not name.startswith("GIT_") or name in _KEPT}
    path = past_shims(kept.get("PATH") or os.environ.get("PATH", os.defpath))
    given = {**kept, "PATH": path, **_quieted(kept), **variables}
    command = ["git", "-C", str(folder), *words]
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
        "GIT_PROXY_COMMAND": "",
        "GIT_SSH_COMMAND": environment.get("GIT_SSH_COMMAND", "ssh") + " -o BatchMode=yes -o ConnectTimeout=8",
        "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
    }
