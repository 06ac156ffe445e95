"""Bearer tokens of the HTTP server: what is kept of them, and which caller one stands for.

A token is 256 random bits, so its plain SHA-256 tells nobody what it was.
"""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal, get_args

from mcp_server.kernel.secret import Secret

Scope = Literal["read", "write"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
PREFIX: Final = "ops_"


@dataclass(frozen=True)
class Bearer:
    """Who holds a token: `name` is the agent that its calls are made by. Times are UTC."""

    name: str
    digest: str
    scopes: tuple[Scope, ...]
    created: datetime
    expires: datetime

    def is_valid(self, now: datetime) -> bool:
        return now < self.expires


def digest_of(token: Secret) -> str:
    return sha256(token.reveal().encode("utf-8", "surrogatepass")).hexdigest()


def holder(bearers: Sequence[Bearer], token: Secret, now: datetime) -> Bearer | None:
    """Whose valid token it is. Every digest is compared, each in a time that does not depend on what it is."""
    asked, found = digest_of(token), None
    for bearer in bearers:
        if hmac.compare_digest(bearer.digest, asked):
            found = bearer
    return found if found and found.is_valid(now) else None


def dumped(bearers: Sequence[Bearer]) -> bytes:
    rows = [
        {
            "name": bearer.name,
            "sha256": bearer.digest,
            "scopes": bearer.scopes,
            "created": bearer.created.isoformat(),
            "expires": bearer.expires.isoformat(),
        }
        for bearer in bearers
    ]
    return json.dumps({"tokens": rows}, indent=1).encode() + b"\n"


def parsed(data: bytes) -> tuple[Bearer, ...]:
    """ValueError where it is not what `dumped` writes."""
    document: Any = json.loads(data)
    try:
        return tuple(_bearer(row) for row in document["tokens"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not as it was written: {error!r}") from None


def _bearer(row: dict[str, Any]) -> Bearer:
    scopes: tuple[Scope, ...] = tuple(scope for scope in SCOPES if scope in row["scopes"])
    created, expires = (datetime.fromisoformat(row[name]) for name in ("created", "expires"))
    if created.tzinfo is None or expires.tzinfo is None:
        raise ValueError("a time without a zone")
    return Bearer(str(row["name"]), str(row["sha256"]), scopes, created, expires)
