"""An audit hook for tests: no test opens, renames or removes a login or a client config of the developer.

The hook looks at every `open`, `os.rename`, `os.remove`, ... of this process. Child processes get an isolated HOME
(see `conftest.home`), which is what keeps them away.
"""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_NAMES = (".credentials.json", ".claude.json", "auth.json", "oauth_creds.json", ".claude", ".codex", ".gemini")
_EVENTS = {
    "open",
    "os.rename",
    "os.remove",
    "os.listdir",
    "os.scandir",
    "os.mkdir",
    "os.rmdir",
    "os.chmod",
    "os.link",
}

# A name relative to an open folder (dir_fd, as in shutil.rmtree) looks like one in the working folder, the checkout.
_allowed: list[Path] = [Path(__file__).resolve().parents[1]]


class RealLoginTouchedError(RuntimeError):
    """A test touched a login or client config outside its own folder."""


def install() -> None:
    """Start watching; an audit hook cannot be removed."""
    sys.addaudithook(_watch)


@contextmanager
def allow_only(folder: Path) -> Generator[None]:
    """Only logins and configs below `folder` may be touched in this block."""
    _allowed.append(folder.resolve())
    try:
        yield
    finally:
        _allowed.pop()


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _EVENTS:
        return
    for argument in arguments[:2]:
        if isinstance(argument, str | bytes | Path):
            _check(event, os.fsdecode(argument))


def _check(event: str, text: str) -> None:
    if not any(name in text for name in _NAMES) or not _is_login(path := Path(text)):
        return
    path = Path.cwd() / path
    if not any(path.is_relative_to(folder) for folder in _allowed):
        raise RealLoginTouchedError(f"{event} of {path}: a test may only touch logins in its own folder")


def _is_login(path: Path) -> bool:
    return path.name in _NAMES or any(part in (".claude", ".codex", ".gemini") for part in path.parts[-4:])
