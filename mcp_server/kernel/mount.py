"""A folder or file of the host in a container."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mount:
    """A folder or file of the host in a container; a relative `source` starts at the compose file's folder.

    `target` is its path in the container.
    """

    source: str
    target: str
    read_only: bool
