"""Makes folders of the state folder and keeps them private. Each start of a client loads this: no import but `os`."""

import os

_TYPE, _LINK, _OTHERS = 0o170000, 0o120000, 0o077


class NotPrivateError(PermissionError):
    """A folder that nothing is written to; `next` is what a human can do."""

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(message)
        self.next = next_step


def make_private(folder: str, state: str) -> None:
    """Create `folder` and its missing parents up to the state folder `state`, readable only by this user (0700).

    A folder of this user that is open to others is closed.

    Raises:
        NotPrivateError: one of them is another user's, or below the state folder a symbolic link.
    """
    level = state
    for name in ("", *os.path.relpath(folder, state).split("/")):
        level = os.path.join(level, name) if name not in ("", ".") else level
        os.makedirs(level, 0o700, exist_ok=True)
        _close(level, os.stat(level) if level == state else os.lstat(level))


def _close(level: str, found: os.stat_result) -> None:
    if found.st_mode & _TYPE == _LINK:
        message = f"{level} is a symbolic link, and nothing is written through it"
        raise NotPrivateError(message, f"Look where it leads, then remove it: ls -la '{level}'")
    if found.st_uid != os.geteuid():
        raise NotPrivateError(f"{level} belongs to another user", "Set OPS_HOME to a folder of your own")
    if found.st_mode & _OTHERS:
        os.chmod(level, 0o700)
