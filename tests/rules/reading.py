"""A world in which nothing can be changed: what an adapter offers is refused unless it is listed here as reading.

Two nets. `reading_world` refuses each adapter's method, and each function of the world, that is not listed. `watched`
is an audit hook of the interpreter: it refuses what code does past the adapters, by `pathlib`, `os` or `subprocess`.
"""

import os
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final, NoReturn, cast

from mcp_server.operation.world import World
from mcp_server.system.git.foreign_programs import LISTING

READING: Final[Mapping[str, str]] = {
    "files": "hindrance identity kind read read_text names holds markdown mode modified stamp real all_real backups",
    "git": "hooks committed state refs commits clone_root origin_head remote_head linked newest distance exposed "
    "unignored untracked exclude_file names_ever "
    "attribute changes last_changes origin_tags tags since fetch_aside unsaved",
    "github": "open_of pull read",
    "claude": "version",
    "processes": "below",
    "tmux": "panes attach",
    "disk": "used free",
    "containers": "all described read read_folder read_inside programs",
    "indexes": "index",
    "clock": "now",
    "installed_version": "__call__",
    "secret": "__call__",
}
"By the world's field. `fetch_aside` writes to a folder that its caller made for it, never to a clone."
VALUES: Final = {"environment", "cwd", "home", "state", "pack", "etc", "terminal"}
GIT: Final = {
    *("rev-parse", "status", "ls-files", "rev-list", "log", "for-each-ref", "cat-file", "ls-remote", "diff"),
    *("check-ignore", "check-attr", "merge-base", "cherry", "describe", "version", "diff-files"),
}
"The git commands of a look. `init` and `fetch` are allowed for the folder that is made aside alone."
PROGRAMS: Final = {"git", "du", "docker", "gh"}
_WRITES: Final = {
    *("os.mkdir", "os.rmdir", "os.remove", "os.rename", "os.link", "os.symlink", "os.truncate", "os.chmod"),
    *("os.chown", "os.utime", "os.setxattr", "os.removexattr", "os.mkfifo", "os.mknod", "shutil.copyfile"),
}
_STARTS: Final = {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"}


class ChangeRefusedError(Exception):
    """A READ operation tried to change something."""


class _Reading:
    """An adapter of which the listed methods alone can be called."""

    def __init__(self, adapter: object, name: str) -> None:
        self._adapter, self._name = adapter, name

    def __getattr__(self, method: str) -> Any:
        if method not in READING.get(self._name, "").split():
            raise ChangeRefusedError(f"{self._name}.{method} is not listed as reading")
        return getattr(self._adapter, method)

    def __call__(self, *arguments: object, **options: object) -> Any:
        return self.__getattr__("__call__")(*arguments, **options)


def reading_world(world: World) -> World:
    """The same world, of which only what is listed above can be used."""
    guarded = {
        field.name: _Reading(getattr(world, field.name), field.name)
        for field in fields(world)
        if field.name not in VALUES
    }
    return replace(world, **guarded)


_state: list[Path] = []
"The state folder while a READ operation is watched."
_refused: list[str] = []
"What was refused meanwhile: code that swallows the error does not hide it."


@contextmanager
def watched(state: Path) -> Generator[None]:
    """Meanwhile this process may write below `state`/cache, delete nothing, and start only programs that look."""
    _state.append(state)
    _refused.clear()
    writes_none, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # of a module that is loaded only now
    try:
        yield
    finally:
        _state.pop()
        sys.dont_write_bytecode = writes_none
    if _refused:
        raise ChangeRefusedError(_refused[0])


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not _state:
        return
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        if arguments[2] & os.O_TMPFILE != os.O_TMPFILE:  # such a file has no name, and is gone once it is closed
            _check(event, arguments[0])
    elif event in _WRITES:
        _check(event, arguments[1] if event == "os.rename" else arguments[0])
    elif event in _STARTS:
        _refuse(event, arguments[0] if arguments else "")
    elif event == "subprocess.Popen":
        _check_program(arguments[1])


def _check(event: str, target: object) -> None:
    if not isinstance(target, str | bytes | Path):
        return  # an open descriptor
    path = Path(os.fsdecode(target))
    if str(path) == os.devnull or _is_scratch(path):
        return
    cache = _state[-1] / "cache"
    inside = path in (cache, _state[-1]) or path.is_relative_to(cache) or not path.is_absolute()
    if not inside or event in ("os.remove", "os.rmdir"):
        _refuse(event, path)


def _is_scratch(path: Path) -> bool:
    """A folder of `tempfile`, which the call that makes it removes again."""
    return path.is_relative_to(tempfile.gettempdir()) and any(part.startswith("ops-origin-") for part in path.parts)


def _check_program(command: object) -> None:
    words = [os.fsdecode(word) for word in cast("list[str]", command)]
    if Path(words[0]).name not in PROGRAMS:
        _refuse("start", words[0])
    if Path(words[0]).name == "git" and not _is_look(words[1:]):
        _refuse("start", " ".join(words))


def _is_look(words: list[str]) -> bool:
    rest = iter(words)
    for word in rest:
        if word in ("-C", "-c"):
            next(rest)
        elif not word.startswith("-"):
            aside = word == "init" and _is_scratch(Path(words[-1]))
            return (
                word in GIT
                or words[-4:] == [*LISTING]
                or aside
                or (word == "fetch" and "--no-write-fetch-head" in words)
            )
    return False


def _refuse(event: str, what: object) -> NoReturn:
    _refused.append(f"{event}: {what}")
    raise ChangeRefusedError(_refused[-1])


sys.addaudithook(_watch)
