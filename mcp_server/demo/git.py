"""Runs git to build the example, without the user's or machine's configuration, with fixed names and dates."""

import os
import subprocess
from pathlib import Path

_FIXED = "2026-11-20T09:00:00+0000"


def identity(agent: str) -> str:
    return f"{agent} <{agent}@agents-platform.example>"


def git(folder: Path, *arguments: str, feed: bytes | None = None) -> str:
    """Run git and return its standard output; CalledProcessError if it fails."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=_environment(),
        input=feed,
        stdin=subprocess.DEVNULL if feed is None else None,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def _environment() -> dict[str, str]:
    """Only PATH is the caller's; HOME is not an existing folder."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_DATE": _FIXED,
        "GIT_COMMITTER_DATE": _FIXED,
        "LC_ALL": "C",
    }
