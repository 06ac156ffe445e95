"""How many paths of a clone are dirty, also inside of submodules, without running a filter."""

from pathlib import Path

from mcp_server.system.git.answers import Run
from mcp_server.system.git.index import may_hold_submodules
from mcp_server.system.git.process import Completed, Looked

STATUS = (
    *("status", "--porcelain=v2", "--branch", "--no-ahead-behind", "-z", "--no-renames", "--untracked-files=normal"),
    "--ignore-submodules=dirty",  # otherwise git starts a git in each, with the submodule's own settings
)
_DEEPEST = 5
_MOST = 1000
"Files about which git is asked whether they have a filter."
_NO_FILTER = ("unspecified", "unset")


def changed_lines(out: str) -> list[str]:
    """The lines of dirty paths in the output of `STATUS`."""
    return [line for line in out.split("\0") if line.startswith(("1 ", "u ", "? "))]


def dirty_paths(run: Run, clone: Path, status: Completed, depth: int = 0) -> int | None:
    """The number of dirty paths after `STATUS`; None if that is not known without running a filter."""
    changed = changed_lines(status.out)
    if isinstance(status, Looked) and status.unfiltered and _depends_on_filter(run, clone):
        return None
    listed = {line.split(" ", 8)[-1] for line in changed}
    inside = [_is_dirty(run, clone / path, depth) for path in submodules(run, clone) if path not in listed]
    return None if None in inside else len(changed) + sum(map(bool, inside))


def _depends_on_filter(run: Run, clone: Path) -> bool:
    """Whether a file with a filter is not as the index last saw it: only the filter would show whether it changed."""
    code, out, _ = run(clone, "diff-files", "--name-only", "-z", "--ignore-submodules=all")
    names = [name for name in out.split("\0") if name]
    if code or len(names) > _MOST:
        return True
    code, out, _ = run(clone, "check-attr", "-z", "filter", "--", *names) if names else (0, "", "")
    return bool(code) or any(value not in _NO_FILTER for value in out.split("\0")[2::3])


def submodules(run: Run, clone: Path) -> list[str]:
    """The paths of the submodules that are checked out."""
    if not may_hold_submodules(clone):
        return []
    _, out, _ = run(clone, "ls-files", "--stage", "-z")
    paths = (entry.partition("\t")[2] for entry in out.split("\0") if entry.startswith("160000 "))
    return [path for path in paths if (clone / path / ".git").exists()]


def _is_dirty(run: Run, submodule: Path, depth: int) -> bool | None:
    if depth == _DEEPEST:
        return None
    status = run(submodule, *STATUS, variables={"GIT_CEILING_DIRECTORIES": str(submodule.parent)})
    count = None if status.code else dirty_paths(run, submodule, status, depth + 1)
    return None if count is None else count > 0
