"""`ops serve token list`: who has a bearer token for the HTTP server."""

from dataclasses import dataclass
from datetime import datetime

from mcp_server.kernel.document import columns
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.server.http.look_tokens import http_tokens
from mcp_server.server.http.tokens import Scope


@dataclass(frozen=True)
class Row:
    name: str
    scopes: tuple[Scope, ...]
    created: datetime
    expires: datetime
    expired: bool


@dataclass(frozen=True)
class TokenList:
    tokens: tuple[Row, ...]


def _list(ctx: Context, _: Params) -> TokenList:
    now = ctx.world.clock.now()
    tokens = http_tokens(ctx.world.files, ctx.world.state)
    return TokenList(tuple(Row(t.name, t.scopes, t.created, t.expires, not t.is_valid(now)) for t in tokens))


def _text(found: TokenList) -> str:
    if not found.tokens:
        return "no tokens; make one: ops serve token add NAME"
    rows = [
        (row.name, ", ".join(row.scopes), f"{row.expires:%Y-%m-%d}", "expired" if row.expired else "")
        for row in found.tokens
    ]
    return columns([("NAME", "SCOPES", "EXPIRES", ""), *rows])


SERVE_TOKEN_LIST = Operation(
    name="serve_token_list",
    title="List the bearer tokens",
    summary="Lists who has a token for the HTTP server, its scopes and when it expires. Only hashes are stored.",
    effect=Effect.READ,
    params=Params,
    run=_list,
    text=_text,
)
