"""The folder of the guard's own programs, and a PATH without it."""

from typing import Final

SHIMS: Final = "hooks/shims"
"In the plugin: the first folder on an agent's PATH."


def past_shims(path: str) -> str:
    """A PATH without the guard's own programs, for the guard itself and for calls that it has judged."""
    return ":".join(folder for folder in path.split(":") if not folder.rstrip("/").endswith(SHIMS))
