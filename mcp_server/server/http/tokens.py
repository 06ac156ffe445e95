"""HttpToken tokens of the HTTP server: what is stored about each, and which caller one belongs to.

A token is 256 random bits, so its plain SHA-256 does not reveal it.
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
NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$"
"Of the agent that holds a token."


@dataclass(frozen=True)
class HttpToken:
    """A token as stored: `name` is the agent that holds it. Times are UTC."""

    name: str
    digest: str
    scopes: tuple[Scope, ...]
    created: datetime
    expires: datetime

    def is_valid(self, now: datetime) -> bool:
        return now < self.expires


def digest_of(token: Secret) -> str:
    return sha256(token.reveal().encode("utf-8", "surrogatepass")).hexdigest()


def matching(tokens: Sequence[HttpToken], secret: Secret, now: datetime) -> HttpToken | None:
    """The valid token with this secret. Every digest is compared, in constant time."""
    digest, found = digest_of(secret), None
    for token in tokens:
        if hmac.compare_digest(token.digest, digest):
            found = token
    return found if found and found.is_valid(now) else None


def encode(tokens: Sequence[HttpToken]) -> bytes:
    rows = [
        {
            "name": token.name,
            "sha256": token.digest,
            "scopes": token.scopes,
            "created": token.created.isoformat(),
            "expires": token.expires.isoformat(),
        }
        for token in tokens
    ]
    return json.dumps({"tokens": rows}, indent=1).encode() + b"\n"


def parse(data: bytes) -> tuple[HttpToken, ...]:
    """The tokens of a file; ValueError if `encode` did not write it."""
    document: Any = json.loads(data)
    try:
        return tuple(_token(row) for row in document["tokens"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not as it was written: {error!r}") from None


def _token(row: dict[str, Any]) -> HttpToken:
    scopes: tuple[Scope, ...] = tuple(scope for scope in SCOPES if scope in row["scopes"])
    created, expires = (datetime.fromisoformat(row[name]) for name in ("created", "expires"))
    if created.tzinfo is None or expires.tzinfo is None:
        raise ValueError("a time without a zone")
    return HttpToken(str(row["name"]), str(row["sha256"]), scopes, created, expires)
