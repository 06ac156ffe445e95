"""`token_check`: the state of every login of the fleet, and what endangers it. The answer holds no token."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mcp_server.activity.look_sessions import undated_sessions
from mcp_server.kernel.document import columns
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Hazard
from mcp_server.kernel.humanize import agent_names, expiries
from mcp_server.logins.agent_login import Kind
from mcp_server.logins.look_logins import Logins, look_at_logins
from mcp_server.logins.store import Store
from mcp_server.logins.trouble import in_keychain
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params

_MOST: Final = 60


@dataclass(frozen=True)
class TokenCheck:
    """`long_lived`: agents with a token of `claude setup-token`; `unseen`: agents whose login was not found;
    `unknown`: what could not be looked at; `omitted`: how many stores and hazards were left out."""

    stores: tuple[Store, ...]
    hazards: tuple[Hazard, ...]
    long_lived: tuple[str, ...]
    unseen: tuple[str, ...]
    unknown: tuple[str, ...]
    omitted: int
    checked_at: datetime
    next: str | None


def _check(ctx: Context, _: Params) -> TokenCheck:
    logins, most = look_at_logins(ctx), ctx.most(_MOST)
    return TokenCheck(
        stores=logins.stores[:most],
        hazards=logins.hazards[:most],
        long_lived=_of_kind(logins, "long_lived"),
        unseen=_of_kind(logins, "unknown"),
        unknown=_unknown(ctx, logins),
        omitted=0 if most is None else len(logins.stores[most:]) + len(logins.hazards[most:]),
        checked_at=ctx.world.clock.now(),
        next=logins.troubles[0].next if logins.troubles else None,
    )


def _of_kind(logins: Logins, kind: Kind) -> tuple[str, ...]:
    return tuple(login.agent for login in logins.agents.values() if (login.kind, login.client) == (kind, "claude"))


def _unknown(ctx: Context, logins: Logins) -> tuple[str, ...]:
    engine = (ctx.engine.message,) if isinstance(ctx.engine, OpsError) else ()
    return (*engine, *in_keychain(logins.stores), *(session.message for session in undated_sessions(ctx)))


def _text(answer: TokenCheck) -> str:
    several = len({s.account for s in answer.stores if s.account}) > 1
    rows = [("STATE", "ACCESS TOKEN", "LOGIN", *(["ACCOUNT"] if several else []), "AGENTS", "STORE")]
    for s in answer.stores:
        account = [(s.account or "unknown")[:8]] if several else []
        rows.append((s.state, *expiries(s, answer.checked_at), *account, agent_names(s.agents), str(s.path)))
    lines = [columns(rows), *(f"! {problem}" for store in answer.stores for problem in store.problems)]
    for hazard in answer.hazards:
        lines += [f"! {hazard.code}: {hazard.message} ({agent_names(hazard.agents)})", f"    {hazard.next}"]
    if answer.long_lived:
        lines.append(f"long-lived token, in no store: {agent_names(answer.long_lived)}")
    if answer.unseen:
        lines.append(f"? not known which login they use: {agent_names(answer.unseen)}")
    lines += [f"? {reason}" for reason in answer.unknown]
    if answer.omitted:
        lines.append(f"... and {answer.omitted} more")
    well = "No login is in trouble." if answer.unknown or answer.unseen else "All logins are well."
    return "\n".join([*lines, f"Next: {answer.next}" if answer.next else well])


TOKEN_CHECK = Operation(
    name="token_check",
    title="Check the logins",
    summary="State of every login of the fleet with both expiries (access token, login), the agents that use it, and "
    "what endangers it: copies, links, git, modes, keys that shadow it. Reads files only.",
    effect=Effect.READ,
    params=Params,
    run=_check,
    text=_text,
    ok=lambda answer: answer.next is None,
    grows=True,
)
