"""`ops serve token add`: makes a bearer token for an HTTP client. It is shown once; only its hash is stored."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.secret import Secret
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.server.http.look_tokens import http_tokens
from mcp_server.server.http.tokens import NAME, PREFIX, HttpToken, Scope, digest_of
from mcp_server.server.http.write_tokens import write_tokens

_MOST = 1000


class AddParams(Params):
    name: str = Field(pattern=NAME, description="Agent that will hold the token, such as opus-7")
    scope: Literal["read", "write"] = Field(default="read", description="What it allows; write includes read")
    days: int = Field(default=90, ge=1, le=3650, description="Days until it expires")


@dataclass(frozen=True)
class TokenAdd:
    """`token` is in this answer and nowhere else."""

    token: str
    name: str
    scopes: tuple[Scope, ...]
    expires: datetime
    next: str


def _add(ctx: Context, params: AddParams) -> TokenAdd:
    files, state, now = ctx.world.files, ctx.world.state, ctx.world.clock.now()
    secret = Secret(PREFIX + secrets.token_urlsafe(32))
    scopes: tuple[Scope, ...] = ("read", "write") if params.scope == "write" else ("read",)
    new = HttpToken(params.name, digest_of(secret), scopes, now, now + timedelta(days=params.days))
    with files.lock("tokens"):
        stored = http_tokens(files, state)
        if any(token.name == new.name and token.is_valid(now) for token in stored):
            step = f"Revoke it first: ops serve token revoke {new.name}"
            raise OpsError("conflict", f"{new.name} already has a token", step)
        others = [token for token in stored if token.name != new.name]
        if len(others) >= _MOST:
            raise OpsError("conflict", f"there are {len(others)} tokens", "Revoke one: ops serve token list")
        write_tokens(files, state, (*others, new))
    header = "Give it to the client as the header  Authorization: Bearer TOKEN;  it is not shown again"
    return TokenAdd(secret.reveal(), new.name, scopes, new.expires, header)


def _text(made: TokenAdd) -> str:
    scopes = ", ".join(made.scopes)
    return f"{made.token}\n{scopes} for {made.name}, until {made.expires:%Y-%m-%d}\nNext: {made.next}"


SERVE_TOKEN_ADD = Operation(
    name="serve_token_add",
    title="Make a bearer token",
    summary="Makes a bearer token for a client of the HTTP server and shows it once.",
    effect=Effect.WRITE,
    params=AddParams,
    run=_add,
    text=_text,
    positional=("name",),
    idempotent=False,
)
