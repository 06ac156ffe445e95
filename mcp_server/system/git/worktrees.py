"""The work trees of a repository and their unfinished operations, as git's files describe them.

See gitrepository-layout(5). Reading them takes no process; what only git can say is asked of git.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from mcp_server.kernel.errors import OpsError
from mcp_server.system.plain_file import read_plain

_LONGEST = 5_000_000
_BRANCHES = "refs/heads/"


def git_folder(root: Path) -> Path | None:
    """The folder of the work tree's own git files: its `.git`, or the one that a `.git` file names."""
    own = root / ".git"
    if own.is_dir():
        return own
    text = _text(own)
    return root / text.removeprefix("gitdir:").strip() if text.startswith("gitdir:") else None


def common_folder(own: Path) -> Path:
    """The folder that all work trees of a repository share; `own` is that of one of them."""
    return Path(own, _text(own / "commondir") or ".")


def main_of(root: Path) -> Path | None:
    """The folder with the repository of a linked work tree: its main work tree, or the bare repository itself."""
    own = git_folder(root) if (root / ".git").is_file() else None
    if own is None or not _text(own / "commondir"):
        return None
    common = common_folder(own).resolve()
    return common.parent if common.name == ".git" else common


def linked_worktrees(common: Path) -> Iterator[tuple[Path, str]]:
    """The root of each linked work tree, and what its HEAD holds; one whose folder is gone is only a record."""
    for name in _names(common / "worktrees"):
        record = common / "worktrees" / name
        if named := _text(record / "gitdir"):
            yield (record / named).parent, _text(record / "HEAD")


def hooks_in(root: Path, common: Path, configured: Sequence[str]) -> Path:
    """Where git looks for the hooks of a work tree with these values of `core.hooksPath`; the last one counts."""
    return root / Path(configured[-1]).expanduser() if configured else common / "hooks"


def names_gone(common: Path, remote: str) -> bool:
    """Whether the HEAD of a remote that git does not list is set: it names a branch that is gone."""
    return (common / "refs" / "remotes" / remote / "HEAD").is_file()


def boundary_of(common: Path) -> frozenset[str]:
    """The commits of a shallow clone whose parents it lacks; empty for a whole clone."""
    return frozenset(_text(common / "shallow").split())


def operation_in(own: Path) -> str | None:
    """What was begun in a work tree and waits to be finished, with its branch if git notes that: `rebase of opus/1`.

    The same order as git's own status. A rebase may stop inside of a merge or a cherry-pick that it makes.
    """
    names, todo = _names(own), _text(own / "sequencer" / "todo")
    if "rebase-merge" in names and "rebase-apply" not in names:
        return _of_branch("rebase", _text(own / "rebase-merge" / "head-name"))
    if "MERGE_HEAD" in names:
        return "merge"
    if "rebase-apply" in names:
        mails = (own / "rebase-apply" / "applying").exists()
        return "am" if mails else _of_branch("rebase", _text(own / "rebase-apply" / "head-name"))
    if "CHERRY_PICK_HEAD" in names or todo.startswith(("pick ", "p ")):
        return "cherry-pick"
    if "REVERT_HEAD" in names or todo.startswith("revert "):
        return "revert"
    return _of_branch("bisect", _BRANCHES + _text(own / "BISECT_START")) if "BISECT_LOG" in names else None


def _of_branch(name: str, ref: str) -> str:
    branch = ref.removeprefix(_BRANCHES)
    return f"{name} of {branch}" if ref.startswith(_BRANCHES) and branch else name


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208  for each clone of an audit
    except OSError:
        return []


def _text(file: Path) -> str:
    try:
        return read_plain(file.resolve(), _LONGEST).decode("utf-8", "surrogateescape").rstrip("\n")
    except (OpsError, OSError):
        return ""
