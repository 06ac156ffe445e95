"""Who renews a login: the official client for Claude's, a grant of ours for the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from mcp_server.domain.configured_login import ConfiguredLogin
from mcp_server.domain.document import Json
from mcp_server.domain.secret import Secret

Flight = Literal["ended", "shared", "spared", "under_way"]
"""How a call of `refresh` went: its own run ended; another caller's run ended meanwhile; none was needed any more;
a run is still on."""


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


@dataclass(frozen=True)
class Reply:
    """What a server answered; `status` is None where it was sent something and no answer came.

    `retry_after`: the seconds it asks to wait, if it does.
    """

    status: int | None
    body: bytes
    retry_after: float | None = None


class Http(Protocol):
    def post(
        self,
        url: Secret,
        *,
        form: Mapping[str, Secret] | None = None,
        document: Json = None,
        patience: float | None = None,
        idempotency: str | None = None,
    ) -> Reply:
        """Send a form or a JSON document; `invalid` for an address without TLS, `unavailable` if it got nowhere.

        `patience` in seconds, 30 unless given; `idempotency` tells the server that it got the same before.
        """
        ...


class Grants(Protocol):
    def refresh(self, login: ConfiguredLogin, due: Callable[[], bool]) -> Flight:
        """Renew a login that `fleet.toml` describes, one flight per host and store; the store is written before
        anything else. `denied` where only a human can help, `unavailable` where nothing is changed."""
        ...
