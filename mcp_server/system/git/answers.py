"""Git's answers: its output, or its error as an `OpsError`."""

import os
from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import Final

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.secrets.detector import scrub
from mcp_server.system.git.process import Completed

Run = Callable[..., Completed]
"""`run_git` with a caller's environment."""

_OTHER_FORMAT: Final = (
    "unknown repository extension",
    "Expected git repo version",
    "unknown ref storage",
    "object format",
)


def output(run: Run, clone: Path, *arguments: str) -> str:
    """Git's output without its last newline; raises if git fails."""
    code, out, error = run(clone, *arguments)
    if code:
        raise refused(clone, error)
    return out


def output_if_any(run: Run, clone: Path, *arguments: str) -> str | None:
    """Git's output; None if git fails."""
    code, out, _ = run(clone, *arguments)
    return None if code else out


def lines_of(text: str) -> list[str]:
    """The lines of git's output. The name of a branch or a subject may contain other line ends than a newline."""
    return [line for line in text.split("\n") if line]


def refused(clone: Path, error: str) -> OpsError:
    """Git's error about a clone, as an `OpsError`."""
    look = f"See what is there: ls -la {quote(str(clone))}"
    if not clone.is_dir():
        return OpsError("not_found", f"there is no folder {clone}", f"Check: ls -la {quote(str(clone.parent))}")
    if "dubious ownership" in error:
        trust = f"If you trust it: git config --global --add safe.directory {quote(str(clone))}"
        return OpsError("denied", f"git refuses {clone}: the clone belongs to another user", trust)
    if "not a git repository" in error:
        return OpsError("invalid", f"{clone} is not a git clone" + broken_if_git_is_there(clone), look)
    if any(sign in error for sign in _OTHER_FORMAT):
        step = "A human installs a newer git here, or reads the clone where it was made. This one: git --version"
        return OpsError("unavailable", f"this git cannot read the format of {clone}: {_reason(error)}", step)
    if "must be run in a work tree" in error:
        return OpsError("invalid", f"{clone} is a bare repository, not a clone to work in", look)
    message = f"git cannot read {clone}: {_reason(error)}"
    return OpsError("unavailable", message, f"See how much is lost: git -C {quote(str(clone))} fsck")


def _reason(error: str) -> str:
    lines = [line for line in error.splitlines() if line.strip()]
    return shown(scrub("; ".join(lines[:2]) or "no reason given"), 200)


def broken_if_git_is_there(clone: Path) -> str:
    """An addition to the message that `clone` is not a clone, if it has a `.git`."""
    return ": its .git is broken" if os.path.lexists(clone / ".git") else ""
