"""Who renews Claude's login."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from mcp_server.system.single_flight import Flight


class ClaudeClient(Protocol):
    """The official Claude Code binary, the only one that may post a Claude login's refresh grant."""

    def version(self) -> str | None:
        """The installed version as its files tell it; None where there is no `claude`, or they do not."""
        ...

    def refresh(self, store: Path, due: Callable[[], bool]) -> Flight:
        """Let the binary renew the login in the folder `store` and wait for its end; `unavailable` without a binary.

        One flight per host and store: a caller that comes during one waits for its end and starts none. `due` is
        asked before a start, when no other flight can be on. The exit code says nothing of the outcome (it is 0
        even after a refused grant): read the store.
        """
        ...
