"""The history of a clone: its commits, its version tags, and what changed when."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

from mcp_server.kernel.commit_message import Commit
from mcp_server.kernel.errors import OpsError
from mcp_server.system.git.answers import Run, lines_of, output, output_if_any
from mcp_server.system.git.diff import DIFF, Change, parse_diff
from mcp_server.system.git.state import require_root

_ORIGINS = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master")


def commits(run: Run, clone: Path, base: str, tip: str) -> tuple[tuple[str, str], ...]:
    """Hash and first line of each commit that `tip` has and `base` does not, the newest first."""
    listing = ("log", "--format=%H %s", "--no-show-signature", "--end-of-options", f"{base}..{tip}")
    lines = (line.partition(" ") for line in lines_of(output(run, clone, *listing)))
    return tuple((commit, subject) for commit, _, subject in lines)


def tags(run: Run, clone: Path, merged: str | None) -> frozenset[str]:
    """The clone's tags; with `merged`, those that are part of the history of this commit."""
    only = (f"--merged={merged}",) if merged else ()
    listing = ("for-each-ref", "--format=%(refname:lstrip=2)", *only, "refs/tags")
    return frozenset(lines_of(output(run, clone, *listing)))


def since(run: Run, clone: Path, tag: str | None, tip: str) -> tuple[Commit, ...]:
    """The last 1,000 commits of `tip` that are not in `tag`, the newest first, without merges."""
    listing = ("log", "--no-merges", "--no-show-signature", "-z", "--format=%H%x1f%an%x1f%s%x1f%b", "-n", "1000")
    span = f"refs/tags/{tag}..{tip}" if tag else tip
    records = output(run, clone, *listing, "--end-of-options", span).split("\0")
    return tuple(Commit(*record.split("\x1f", 3)) for record in records if record)


def names_ever(run: Run, clone: Path, folder: str) -> frozenset[str]:
    """The names of all files in `folder` that any commit of any branch changed."""
    listing = ("log", "--all", "--format=", "--name-only", "--no-renames", "-m", "--no-show-signature", "-z")
    paths = output(run, clone, *listing, "--", folder).split("\0")
    return frozenset(path.rpartition("/")[2] for path in paths if path)


def last_changes(run: Run, clone: Path, folder: Path) -> Mapping[Path, datetime]:
    """When a commit of HEAD last changed each file below `folder`."""
    require_root(clone, run)
    if output_if_any(run, clone, "rev-parse", "--verify", "--quiet", "HEAD") is None:
        return {}
    listing = ("--format=%x01%ct", "--name-only", "--no-renames", "--no-show-signature", "-z")
    found: dict[Path, datetime] = {}
    when = datetime.fromtimestamp(0, UTC)
    for field in output(run, clone, "log", *listing, "--", os.path.relpath(folder, clone)).split("\0"):
        part = field.removeprefix("\n")
        if part.startswith("\1"):
            when = datetime.fromtimestamp(int(part[1:]), UTC)
        elif part:
            found.setdefault(clone / part, when)
    return found


def changes(run: Run, clone: Path) -> tuple[Change, ...]:
    """The changes of the branch and the working tree since they left origin's default branch."""
    refs = (ref for ref in _ORIGINS if output_if_any(run, clone, "rev-parse", "-q", "--verify", ref))
    since = next(refs, None)
    if since is None:
        step = f"Fetch it: git -C {quote(str(clone))} fetch origin"
        raise OpsError("unavailable", f"{clone} has no branch of origin to compare with", step)
    return parse_diff(output(run, clone, *DIFF, since))
