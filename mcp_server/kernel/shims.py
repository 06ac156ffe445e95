"""Where the guard's own programs lie, and a PATH without them."""

from typing import Final

SHIMS: Final = "hooks/shims"
"Of the plugin: what stands first on an agent's PATH."


def past_shims(path: str) -> str:
    """A PATH without the guard's own programs, for who is the guard itself."""
    return ":".join(folder for folder in path.split(":") if not folder.rstrip("/").endswith(SHIMS))
