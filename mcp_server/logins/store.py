"""One credential store as it was read, and what follows from several of them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mcp_server.kernel.finding import Hazard
from mcp_server.logins.claude_login import State, is_due
from mcp_server.logins.codex_and_gemini import CODEX_AND_GEMINI

_REUSABLE = {each.client for each in CODEX_AND_GEMINI if not each.rotates}


@dataclass(frozen=True)
class Store:
    """A store and its login.

    `path` is the store's file, `generation` a fingerprint of its refresh token. `agents` use this store or have it in
    their folder. `problems` say why it could not be read.
    """

    path: Path
    state: State
    access_expires_at: datetime | None
    login_expires_at: datetime | None
    generation: str | None
    agents: tuple[str, ...]
    client: str = "claude"
    "The client whose login it is."
    account: str | None = None
    "The id of the account; None if it is not known."
    problems: tuple[str, ...] = ()
    login_command: str = field(default="", repr=False)
    "With which a human logs in to this store."

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def rotates(self) -> bool:
        """Whether its refresh token works once."""
        return self.client not in _REUSABLE

    def is_due(self, now: datetime) -> bool:
        """Whether Claude Code has to renew the access token and still can. Other clients renew their own."""
        alive = self.client == "claude" and self.state in ("access_lapsed", "login_ending", "busy")
        return alive and self.generation is not None and is_due(self.access_expires_at, now)


def copied(stores: Iterable[Store]) -> dict[str, tuple[Store, ...]]:
    """The generations that are in more than one store, with these stores: renewing one logs out all the others."""
    by_generation: dict[str, list[Store]] = {}
    for store in stores:
        if store.generation and store.rotates:
            by_generation.setdefault(store.generation, []).append(store)
    return {generation: tuple(found) for generation, found in by_generation.items() if len(found) > 1}


def is_abandoned(store: Store, hazards: Iterable[Hazard]) -> bool:
    """Whether the store is empty and used only by sessions that should restart on another: nobody logs in there."""
    restarting = {name for hazard in hazards if hazard.code == "restart_needed" for name in hazard.agents}
    return store.state == "absent" and bool(store.agents) and restarting.issuperset(store.agents)
