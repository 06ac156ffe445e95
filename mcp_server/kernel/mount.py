"""A folder or file of the host in a container."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mount:
    """A folder or file of the host in a container; a relative `source` counts from the compose file's folder.

    `target` is the path that the container knows it by.
    """

    source: str
    target: str
    read_only: bool
