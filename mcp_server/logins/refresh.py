"""`token_refresh`: Claude Code renews the logins that are due.

The stores, read back afterwards, decide on the outcome: the exit code of `claude` is 0 even when the server refused.
"""

from dataclasses import dataclass
from datetime import datetime

from mcp_server.kernel.checked import Field
from mcp_server.kernel.document import columns
from mcp_server.kernel.humanize import agent_names, expiries
from mcp_server.logins.look_agent_login import agent_logins
from mcp_server.logins.look_session_hazards import session_hazards
from mcp_server.logins.look_stores import look_at_stores
from mcp_server.logins.refresh_result import DEAD, WORST_FIRST, Outcome, StoreResult
from mcp_server.logins.store import copied, is_abandoned
from mcp_server.logins.trouble import in_keychain
from mcp_server.logins.write_refresh import refresh_store
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class RefreshParams(Params):
    early: bool = Field(default=False, description="Renew although there is time left: before a long unattended run")


@dataclass(frozen=True)
class TokenRefresh:
    """`outcome` is the worst of the stores'. `restart`: agents whose sessions use another store than they should;
    sessions on a renewed store read it by themselves. `unknown`: what could not be looked at."""

    outcome: Outcome
    stores: tuple[StoreResult, ...]
    restart: tuple[str, ...]
    unknown: tuple[str, ...]
    finished_at: datetime
    next: str | None


def _refresh(ctx: Context, params: RefreshParams) -> TokenRefresh:
    logins = agent_logins(ctx)
    stores = look_at_stores(ctx, logins)
    copies = {store.path for each in copied(stores).values() for store in each}
    restarts = [hazard for hazard in session_hazards(ctx, stores, logins) if hazard.code == "restart_needed"]
    results = [
        refresh_store(ctx.world, store, is_copy=store.path in copies, early=params.early)
        for store in stores
        if store.client == "claude"
        and store.state != "in_keychain"
        and (store.agents or store.state not in DEAD)
        and not is_abandoned(store, restarts)
    ]
    by_outcome = sorted(results, key=lambda result: WORST_FIRST.index(result.outcome))
    steps = [result.next for result in by_outcome if result.next] + [hazard.next for hazard in restarts]
    return TokenRefresh(
        outcome=by_outcome[0].outcome if by_outcome else "not_needed",
        stores=tuple(results),
        restart=tuple(dict.fromkeys(name for hazard in restarts for name in hazard.agents)),
        unknown=in_keychain(stores),
        finished_at=ctx.world.clock.now(),
        next=steps[0] if steps else None,
    )


def _text(answer: TokenRefresh) -> str:
    rows = [("OUTCOME", "STATE", "ACCESS TOKEN", "LOGIN", "AGENTS", "STORE")]
    rows += [
        (s.outcome, s.state, *expiries(s, answer.finished_at), agent_names(s.agents), str(s.path))
        for s in answer.stores
    ]
    lines = [
        columns(rows),
        *(f"{s.outcome}: {s.message}" for s in answer.stores if s.outcome != "not_needed" or s.next),
    ]
    lines += [f"? {reason}" for reason in answer.unknown]
    return "\n".join([*lines, f"Next: {answer.next}" if answer.next else "Nothing is left to do."])


TOKEN_REFRESH = Operation(
    name="token_refresh",
    title="Refresh the logins",
    summary="Has Claude Code renew the access tokens that are due, once per host however many callers, and reports "
    "the outcome as read from the stores. A copied login is refused; a dead one needs a human's /login.",
    effect=Effect.WRITE,
    params=RefreshParams,
    shell_only=frozenset({"early"}),
    run=_refresh,
    text=_text,
    ok=lambda answer: answer.outcome in ("refreshed", "not_needed"),
    open_world=True,
)
