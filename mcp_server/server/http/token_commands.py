"""`ops serve token add|list|revoke`: the bearer tokens of the HTTP server. One is shown once; its hash is kept."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from mcp_server.kernel.document import columns
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.secret import Secret
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.server.http.look_tokens import bearers, bearers_file
from mcp_server.server.http.tokens import PREFIX, Bearer, Scope, digest_of, dumped

_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$"
_MOST = 1000


class AddParams(Params):
    name: str = Field(pattern=_NAME, description="The agent that will hold it, such as opus-7")
    scope: Literal["read", "write"] = Field(default="read", description="read, or write: reads and writes")
    days: int = Field(default=90, ge=1, le=3650, description="It expires after so many days")


class RevokeParams(Params):
    name: str = Field(pattern=_NAME, description="Whose token it is")


@dataclass(frozen=True)
class Row:
    name: str
    scopes: tuple[Scope, ...]
    created: datetime
    expires: datetime
    expired: bool


@dataclass(frozen=True)
class TokenAdd:
    """`token` is in this answer and nowhere else."""

    token: str
    name: str
    scopes: tuple[Scope, ...]
    expires: datetime
    next: str


@dataclass(frozen=True)
class TokenList:
    tokens: tuple[Row, ...]


@dataclass(frozen=True)
class TokenRevoke:
    """The names that are left."""

    revoked: str
    tokens: tuple[str, ...]


def _add(ctx: Context, params: AddParams) -> TokenAdd:
    now, token = ctx.world.clock.now(), Secret(PREFIX + secrets.token_urlsafe(32))
    scopes: tuple[Scope, ...] = ("read", "write") if params.scope == "write" else ("read",)
    new = Bearer(params.name, digest_of(token), scopes, now, now + timedelta(days=params.days))
    with ctx.world.files.lock("tokens"):
        there = bearers(ctx.world.files, ctx.world.state)
        if any(bearer.name == params.name and bearer.is_valid(now) for bearer in there):
            raise OpsError(
                "conflict", f"{params.name} has a token", f"Revoke it first: ops serve token revoke {params.name}"
            )
        kept = [bearer for bearer in there if bearer.name != params.name]
        if len(kept) >= _MOST:
            raise OpsError("conflict", f"there are {len(kept)} tokens", "Revoke one: ops serve token list")
        _write(ctx, (*kept, new))
    header = "Give it to the client as the header  Authorization: Bearer TOKEN;  it is not shown again"
    return TokenAdd(token.reveal(), new.name, scopes, new.expires, header)


def _list(ctx: Context, _: Params) -> TokenList:
    now = ctx.world.clock.now()
    return TokenList(
        tuple(
            Row(bearer.name, bearer.scopes, bearer.created, bearer.expires, not bearer.is_valid(now))
            for bearer in bearers(ctx.world.files, ctx.world.state)
        )
    )


def _revoke(ctx: Context, params: RevokeParams) -> TokenRevoke:
    with ctx.world.files.lock("tokens"):
        there = bearers(ctx.world.files, ctx.world.state)
        kept = tuple(bearer for bearer in there if bearer.name != params.name)
        if len(kept) == len(there):
            raise OpsError("not_found", f"{params.name} has no token", "See who has one: ops serve token list")
        _write(ctx, kept)
    return TokenRevoke(params.name, tuple(bearer.name for bearer in kept))


def _write(ctx: Context, kept: tuple[Bearer, ...]) -> None:
    state = ctx.world.state
    ctx.world.files.replace(bearers_file(state), dumped(kept), inside=state, mode=0o600)


def _list_text(found: TokenList) -> str:
    if not found.tokens:
        return "no token; make one: ops serve token add NAME"
    rows = [
        (row.name, ", ".join(row.scopes), f"{row.expires:%Y-%m-%d}", "expired" if row.expired else "")
        for row in found.tokens
    ]
    return columns([("NAME", "SCOPES", "EXPIRES", ""), *rows])


SERVE_TOKEN_ADD = Operation(
    name="serve_token_add",
    title="Make a bearer token",
    summary="Makes a bearer token for a client of the HTTP server, and shows it this once.",
    effect=Effect.WRITE,
    params=AddParams,
    run=_add,
    text=lambda made: (
        f"{made.token}\n{', '.join(made.scopes)} for {made.name}, until {made.expires:%Y-%m-%d}\nNext: {made.next}"
    ),
    positional=("name",),
    idempotent=False,
)

SERVE_TOKEN_LIST = Operation(
    name="serve_token_list",
    title="List the bearer tokens",
    summary="Tells who has a token for the HTTP server, with which scopes, until when. The tokens are not kept.",
    effect=Effect.READ,
    params=Params,
    run=_list,
    text=_list_text,
)

SERVE_TOKEN_REVOKE = Operation(
    name="serve_token_revoke",
    title="Revoke a bearer token",
    summary="Ends a client's token: its next request is refused.",
    effect=Effect.WRITE,
    params=RevokeParams,
    run=_revoke,
    text=lambda done: f"revoked: {done.revoked}; left: {', '.join(done.tokens) or 'none'}",
    positional=("name",),
    destructive=True,
)
