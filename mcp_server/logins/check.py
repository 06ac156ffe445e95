"""`token_check` looks at every login of the fleet, and at what endangers it. Its answer has no token in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mcp_server.kernel.document import columns
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Hazard
from mcp_server.kernel.humanize import agent_names, expiries
from mcp_server.logins.findings import troubles
from mcp_server.logins.look_hazards import hazards
from mcp_server.logins.look_stores import StoreLook, look, unseen_agents
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params

_MOST: Final = 60


@dataclass(frozen=True)
class TokenCheck:
    """`unseen` are agents whose login was not found, `unknown` says what could not be looked at; `omitted` counts
    what the answer has no room for."""

    stores: tuple[StoreLook, ...]
    hazards: tuple[Hazard, ...]
    unseen: tuple[str, ...]
    unknown: tuple[str, ...]
    omitted: int
    checked_at: datetime
    next: str | None


def _check(ctx: Context, _: Params) -> TokenCheck:
    looks = look(ctx)
    found = hazards(ctx, looks)
    wrong = troubles(ctx.world, looks, found)
    omitted = len(looks[_MOST:]) + len(found[_MOST:])
    return TokenCheck(
        looks[:_MOST],
        found[:_MOST],
        unseen_agents(ctx, looks),
        (ctx.engine.message,) if isinstance(ctx.engine, OpsError) else (),
        omitted,
        ctx.world.clock.now(),
        wrong[0].next if wrong else None,
    )


def _check_text(answer: TokenCheck) -> str:
    rows = [("STATE", "ACCESS TOKEN", "LOGIN", "AGENTS", "STORE")]
    rows += [(s.state, *expiries(s, answer.checked_at), agent_names(s.agents), str(s.path)) for s in answer.stores]
    lines = [columns(rows), *(f"! {problem}" for store in answer.stores for problem in store.problems)]
    for hazard in answer.hazards:
        lines += [f"! {hazard.code}: {hazard.message} ({agent_names(hazard.agents)})", f"    {hazard.next}"]
    if answer.unseen:
        lines.append(f"? not known which login they use: {agent_names(answer.unseen)}")
    lines += [f"? {reason}" for reason in answer.unknown]
    if answer.omitted:
        lines.append(f"... and {answer.omitted} more")
    return "\n".join([*lines, f"Next: {answer.next}" if answer.next else "All logins are well."])


TOKEN_CHECK = Operation(
    name="token_check",
    title="Check the logins",
    summary="State of every login of the fleet on two clocks (access token, login), who uses it, and what "
    "endangers it: copies, links, git, modes, keys that shadow it. Reads files only.",
    effect=Effect.READ,
    params=Params,
    run=_check,
    text=_check_text,
    ok=lambda answer: answer.next is None,
    grows=True,
)
