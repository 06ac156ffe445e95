"""Pull requests on the server that hosts the repository."""

from dataclasses import dataclass
from typing import Literal, Protocol

from mcp_server.kernel.secret import Secret

Checks = Literal["green", "pending", "failed", "none"]


@dataclass(frozen=True)
class PullRequest:
    """One pull request as the server tells it. `commit` is its head's; `state` is OPEN, CLOSED or MERGED."""

    number: int
    url: str
    title: str
    state: str
    head: str
    base: str
    commit: str
    fork: bool
    checks: Checks
    merged_as: str | None = None
    "The commit on `base` that the merge made."


class Hub(Protocol):
    """`repository` is `host/owner/name`; `token` None: the login that the host's `gh` has. `unavailable` where the
    server cannot be asked, `denied` where it refuses, `not_found` where it knows no such thing."""

    def open_of(self, repository: str, head: str, token: Secret | None) -> PullRequest | None:
        """The open pull request of a branch."""
        ...

    def pull(self, repository: str, number: int, token: Secret | None) -> PullRequest: ...

    def create(self, repository: str, head: str, base: str, texts: tuple[str, str], token: Secret | None) -> int:
        """Open one with title and body `texts`; returns its number."""
        ...

    def merge(self, repository: str, pull: PullRequest, method: str, token: Secret | None) -> None:
        """Merge it, provided that its head still is `pull.commit`; `method` is merge, squash or rebase."""
        ...
