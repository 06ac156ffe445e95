"""`token_consolidate` resolves copies of one login: one store stays, the others are set aside."""

from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote

from mcp_server.clients.claude import STORE_DIR
from mcp_server.fleet.fleet_file import NAME
from mcp_server.kernel.checked import Field
from mcp_server.kernel.document import columns
from mcp_server.kernel.humanize import agent_names
from mcp_server.logins.consolidation import Copy, digest
from mcp_server.logins.look_agent_login import agent_logins
from mcp_server.logins.look_store import host_store
from mcp_server.logins.write_consolidate import planned_copies, set_copies_aside
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class ConsolidateParams(Params):
    plan: str | None = Field(default=None, max_length=64, description="Apply this plan; without it: make the plan")


@dataclass(frozen=True)
class Start:
    """How to start an agent whose copy goes: a command, or what its shell or its container needs."""

    agent: str
    how: str


@dataclass(frozen=True)
class TokenConsolidate:
    """`plan` is a digest of the stores and logins; it is refused once any of them has changed."""

    plan: str
    copies: tuple[Copy, ...]
    starts: tuple[Start, ...]
    next: str | None


def _consolidate(ctx: Context, params: ConsolidateParams) -> TokenConsolidate:
    if params.plan is None:
        copies = planned_copies(ctx)
        plan = digest(copies)
    else:
        copies, plan = set_copies_aside(ctx, params.plan), params.plan
    return TokenConsolidate(plan, copies, tuple(_starts(ctx, copies)), _next(ctx, copies, plan))


def _starts(ctx: Context, copies: tuple[Copy, ...]) -> Iterator[Start]:
    logins, host = agent_logins(ctx), ctx.world.files.real(host_store(ctx))
    for name, copy in {name: each for each in copies if each.state != "held" for name in each.agents}.items():
        agent, login = ctx.agent(name), logins[name]
        if agent.run_mode == "docker":
            mounted = f"mount {quote(str(copy.stays))} read-write in its container"
            yield Start(name, f"{mounted}, and set {STORE_DIR} to where it is mounted")
        elif login.store == copy.stays or login.kind == "long_lived" or (copy.stays == host and not login.named):
            yield Start(name, f"ops agent run {name}")
        elif agent.client == "claude":
            yield Start(name, f"{_declare(ctx, copy)}, then: ops agent run {name}")


def _declare(ctx: Context, copy: Copy) -> str:
    tables = " and ".join(f"[agents.{name}]" for name in copy.agents)
    return f'Write login = "{copy.stays}" under {tables} in {ctx.fleet.root / NAME}'


def _next(ctx: Context, copies: tuple[Copy, ...], plan: str) -> str | None:
    by_state = {copy.state: copy for copy in reversed(copies)}
    if failed := by_state.get("failed"):
        return f"Plan again: ops token consolidate ({failed.problem})"
    if "planned" in by_state:
        return f"End the sessions of these agents, then: ops token consolidate --plan {plan}"
    if held := by_state.get("held"):
        return f"{_declare(ctx, held)} if it is to stay on its account, then: ops token consolidate"
    return "Start the agents again, with the lines above" if copies else None


def _text(answer: TokenConsolidate) -> str:
    if not answer.copies:
        return "No login is in two stores."
    rows = [("STATE", "AGENTS", "COPY", "STAYS")]
    rows += [(copy.state, agent_names(copy.agents), str(copy.path), str(copy.stays)) for copy in answer.copies]
    lines = [columns(rows)]
    lines += [f"! {copy.problem}" for copy in answer.copies if copy.problem]
    lines += [f"brings back {agent_names(copy.agents)}: {copy.undo}" for copy in answer.copies if copy.undo]
    lines += [f"{start.agent}: {start.how}" for start in answer.starts]
    return "\n".join([*lines, f"plan {answer.plan}", f"Next: {answer.next}"])


TOKEN_CONSOLIDATE = Operation(
    name="token_consolidate",
    title="Consolidate copied logins",
    summary="Keep one store of each login that is in several, and set the other copies aside, from where they can be "
    "brought back. Shows the plan; with --plan, applies it.",
    effect=Effect.WRITE,
    params=ConsolidateParams,
    run=_consolidate,
    text=_text,
    ok=lambda answer: all(copy.state == "set_aside" for copy in answer.copies),
)
