"""`ops serve token revoke`: ends a client's bearer token."""

from dataclasses import dataclass

from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.server.http.look_tokens import http_tokens
from mcp_server.server.http.tokens import NAME
from mcp_server.server.http.write_tokens import write_tokens


class RevokeParams(Params):
    name: str = Field(pattern=NAME, description="Agent that holds the token")


@dataclass(frozen=True)
class TokenRevoke:
    """`tokens` names the agents that still have a token."""

    revoked: str
    tokens: tuple[str, ...]


def _revoke(ctx: Context, params: RevokeParams) -> TokenRevoke:
    files, state = ctx.world.files, ctx.world.state
    with files.lock("tokens"):
        stored = http_tokens(files, state)
        others = tuple(token for token in stored if token.name != params.name)
        if len(others) == len(stored):
            raise OpsError("not_found", f"{params.name} has no token", "See who has one: ops serve token list")
        write_tokens(files, state, others)
    return TokenRevoke(params.name, tuple(token.name for token in others))


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
