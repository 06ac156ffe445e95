"""The cache in `OPS_HOME/cache`. READ operations may write it, because everything in it can be computed again.

Nothing is ever removed from it.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

from mcp_server.kernel.errors import OpsError
from mcp_server.system.files import Files
from mcp_server.system.folders import private_folder

_LARGEST: Final = 500_000_000
_SETS: Final = 64
_NAMES_PER_SET: Final = 4


class Cache:
    """The only thing that a READ operation may change: it replaces its own files, and deletes none.

    `slots` limits the number of files: each key has four names, and a new key takes the oldest of its four.
    """

    def __init__(self, files: Files, state: Path) -> None:
        self._files, self._state, self._folder = files, state, state / "cache"

    def slots(self, kind: str, key: int) -> tuple[str, ...]:
        """The names under which the content for `key`, a number, may be; at most 256 for one `kind`."""
        return tuple(f"{kind}-{key % _SETS:02d}-{way}" for way in range(_NAMES_PER_SET))

    def read(self, name: str) -> bytes | None:
        """The content last written under this name; None if there is none, or it cannot be read."""
        try:
            return None if self._folder.is_symlink() else self._files.read(self._folder / name, _LARGEST)
        except OpsError:
            return None

    def oldest(self, names: tuple[str, ...]) -> str:
        """The name to write next: an unused one, else the one that was written first."""
        return min(names, key=self._written)

    def replace(self, name: str, data: bytes) -> None:
        """Write the whole content. A failure is ignored: the next process computes it again."""
        with suppress(OpsError):
            self._files.replace(self._folder / name, data, inside=self._folder, mode=0o600)

    def folder(self, name: str) -> Path:
        """A private folder for a program that keeps its own files there; `unavailable` if it cannot be created."""
        private_folder(self._folder / name, self._state)
        return self._folder / name

    def _written(self, name: str) -> float:
        try:
            return self._files.modified(self._folder / name).timestamp()
        except OpsError:
            return 0.0
