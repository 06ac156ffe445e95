"""A human's approval of one pull request: what it covers, how long it is valid, and how it is stored."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from mcp_server.kernel.errors import OpsError, shown

COMMAND = "ops:pr_create"
"The slash command that approves a pull request when a human types it."
VALID_FOR = timedelta(minutes=15)
# https://host/owner/name, ssh://git@host/owner/name, git@host:owner/name, each with or without .git
_ORIGIN = re.compile(
    r"(?:https?://(?:[^@/]*@)?|ssh://(?:[^@/]*@)?|[^@/:]+@)(?P<host>[^/:]+(?::\d+(?=/))?)[/:](?P<owner>[^/]+)/(?P<name>[^/]+?)(?:\.git)?/?"
)


@dataclass(frozen=True)
class Proposal:
    """One pull request: `repository` is host/owner/name, `head` and `base` are branches."""

    repository: str
    head: str
    base: str
    commit: str
    title: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Approved:
    """The approval is stored for `pr_create`; `told` describes the pull request that it covers."""

    told: str
    digest: str
    next: str


def repository_of(origin: str | None) -> str:
    """`host/owner/name` from the URL of origin; raises `invalid` if it is not the URL of a repository on a server."""
    found = _ORIGIN.fullmatch(origin or "")
    if found is None:
        step = "Set it to the repository's address: git remote set-url origin URL"
        raise OpsError("invalid", f"origin {shown(origin or '(none)')} is not a repository on a GitHub server", step)
    return f"{found['host']}/{found['owner']}/{found['name']}"


def encode(proposal: Proposal, by: str, now: datetime) -> bytes:
    """The approval as it is stored; `by` says where it was given."""
    return json.dumps({**asdict(proposal), "by": by, "until": (now + VALID_FOR).isoformat()}, indent=1).encode()


def fault_of(stored: bytes, proposal: Proposal, now: datetime) -> str | None:
    """Why a stored approval does not cover this proposal; None if it does."""
    try:
        fields = json.loads(stored)
        until = datetime.fromisoformat(fields["until"])
        approved = Proposal(**{name: fields[name] for name in asdict(proposal)})
    except (ValueError, KeyError, TypeError):
        return "its record cannot be read"
    if approved != proposal:
        return "it was given for another pull request"
    return None if now < until else f"it expired at {until:%H:%M} UTC"
