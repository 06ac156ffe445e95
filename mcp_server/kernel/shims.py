"""The folders of ops's own programs that take the names of others, and a PATH without them."""

from typing import Final

SHIMS: Final = "hooks/shims"
"In the plugin: the first folder on an agent's PATH."
START: Final = "hooks/start"
"In the plugin: the first folder on the PATH of people who start agents by plain `claude`."


def past_shims(path: str) -> str:
    """A PATH without the guard's own programs, for the guard itself and for calls that it has judged."""
    return ":".join(folder for folder in path.split(":") if not folder.rstrip("/").endswith((SHIMS, START)))
