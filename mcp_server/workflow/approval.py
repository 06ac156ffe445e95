"""The human's word for one pull request: what it is bound to, how long it holds, and how it is kept."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from mcp_server.kernel.errors import OpsError, shown

LASTS = timedelta(minutes=15)
# https://host/owner/name, ssh://git@host/owner/name, git@host:owner/name, each with or without .git
_ORIGIN = re.compile(
    r"(?:https?://(?:[^@/]*@)?|ssh://(?:[^@/]*@)?|[^@/:]+@)(?P<host>[^/:]+(?::\d+(?=/))?)[/:](?P<owner>[^/]+)/(?P<name>[^/]+?)(?:\.git)?/?"
)


@dataclass(frozen=True)
class Proposal:
    """Exactly one pull request: `repository` is host/owner/name, `head` and `base` branches, `commit` the head's."""

    repository: str
    head: str
    base: str
    commit: str
    title: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:32]


def repository_of(origin: str | None) -> str:
    """`host/owner/name` of origin's address; `invalid` where it is no repository on a server."""
    found = _ORIGIN.fullmatch(origin or "")
    if found is None:
        step = "Set it to the repository's address: git remote set-url origin URL"
        raise OpsError("invalid", f"origin {shown(origin or '(none)')} is no repository on a GitHub server", step)
    return f"{found['host']}/{found['owner']}/{found['name']}"


def written(proposal: Proposal, by: str, now: datetime) -> bytes:
    """The record of a word that was given `by` some way."""
    return json.dumps({**asdict(proposal), "by": by, "until": (now + LASTS).isoformat()}, indent=1).encode()


def fault_of(record: bytes, proposal: Proposal, now: datetime) -> str | None:
    """Why a record is no word for this proposal; None where it is one."""
    try:
        told = json.loads(record)
        until = datetime.fromisoformat(told["until"])
        given = Proposal(**{name: told[name] for name in asdict(proposal)})
    except (ValueError, KeyError, TypeError):
        return "its record cannot be read"
    if given != proposal:
        return "it was given for another one"
    return None if now < until else f"it ran out at {until:%H:%M} UTC"
