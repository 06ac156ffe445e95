"""What each part of the reading of a command line buys, by leaving it out: rows of `docs/guard-layers.md`."""

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

from mcp_server.guard.programs import code, git, git_call, git_options, shells, table, wrappers
from mcp_server.guard.shell import walk
from mcp_server.guard.shell.state import Call, Output, Shell
from tests.guard.repositories import verdict

GUARD = Path(table.__file__).parents[1]


def _no_output(*_: object, **__: object) -> None:
    return None


def _kept_in(text: str) -> tuple[str, dict[str, Output]]:
    return text, {}


@contextmanager
def _without(*names: str) -> Generator[None]:
    """Programs that are taken for unknown ones."""
    with patch.dict(cast("dict[str, table.Judge]", table.JUDGES)):
        for name in names:
            cast("dict[str, table.Judge]", table.JUDGES).pop(name)
        yield


def _left_out(owner: Any, name: str, instead: object = _no_output) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: patch.object(owner, name, instead)


def _as_written(command: str, words: list[str]) -> git_options.Options:
    """Options without bundles, abbreviations and values."""
    flags: dict[str, str | bool] = {word.lstrip("-"): True for word in words if word.startswith("-")}
    return git_options.Options(flags, [word for word in words if not word.startswith("-")])


def _unfollowed(self: walk.Walk, shell: Shell, text: str) -> Output:
    """The words of a line, split at blanks, without quoting, variables or substitutions."""
    for part in re.split(r"[;&|\n()]+", text):
        if words := part.split():
            self.run(shell, Call(words, {}, ""))
    return None


PARTS: Mapping[str, tuple[str, Callable[[], AbstractContextManager[Any]]]] = {
    "words, quoting, variables, substitutions": ("shell/*.py", _left_out(walk.Walk, "text", _unfollowed)),
    "git: its commands, settings and refs": ("programs/git*.py programs/refs.py", lambda: _without("git")),
    "git's options by its own lists": (
        "programs/git_options.py programs/git_usage.py",
        _left_out(git_call, "read_options", _as_written),
    ),
    "gh and requests to a server": (
        "programs/gh.py programs/requests.py",
        lambda: _without("gh", "glab", "tea", "curl", "wget", "http", "https", "xh"),
    ),
    "shells, eval, source": (
        "programs/shells.py",
        lambda: _without(*wrappers.SHELLS, "eval", ".", "source"),
    ),
    "programs in other languages": ("programs/code.py", _left_out(shells, "judge_code")),
    "programs that start others": ("programs/wrappers.py", _left_out(wrappers, "wrapped")),
    "writes to files of the guard": ("programs/writes.py programs/files.py", _left_out(table, "change_files")),
    "heredocs that the grammar cannot parse": (
        "shell/heredocs.py",
        _left_out(walk, "extract_heredocs", _kept_in),
    ),
    "aliases that the line gives": ("", _left_out(git, "_alias")),
    "commands in Python, by its syntax tree": ("", _left_out(code, "_python")),
}
"""part -> its files, and how it is left out."""


def rows(wrong: list[str], honest: list[str], moved: Mapping[str, str]) -> Iterator[str]:
    """For each part: the lines that only it stops, those of them that move main past all other layers, and the honest
    lines that are stopped without it."""
    allowed = {line for line in wrong if verdict(line).verdict == "allow"}
    for name, (files, leave_out) in PARTS.items():
        with leave_out():
            passed = [line for line in wrong if line not in allowed and verdict(line).verdict == "allow"]
            stopped = sum(verdict(line).verdict != "allow" for line in honest)
        taken = sum(moved.get(line, "").endswith("1") for line in passed)
        unrun = sum(line not in moved for line in passed)
        size = sum(len(path.read_text().splitlines()) for each in files.split() for path in GUARD.glob(each))
        yield f"| {name} | {size or ''} | {len(passed)} | {taken} | {unrun} | {stopped} |\n"
