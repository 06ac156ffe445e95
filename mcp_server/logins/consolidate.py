"""`token_consolidate` resolves copies of one login: one store stays, the others are set aside."""

from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote

from mcp_server.clients.claude import STORE_DIR
from mcp_server.kernel.checked import Field
from mcp_server.kernel.document import columns
from mcp_server.kernel.humanize import agent_names
from mcp_server.logins.consolidation import Copy, copies_to_set_aside, digest
from mcp_server.logins.look_store import host_store
from mcp_server.logins.look_stores import look_at_stores
from mcp_server.logins.write_consolidate import set_copies_aside
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
        copies = copies_to_set_aside(look_at_stores(ctx))
        plan = digest(copies)
    else:
        copies, plan = set_copies_aside(ctx, params.plan), params.plan
    return TokenConsolidate(plan, copies, tuple(_starts(ctx, copies)), _next(copies, plan))


def _starts(ctx: Context, copies: tuple[Copy, ...]) -> Iterator[Start]:
    host = ctx.world.files.real(host_store(ctx))
    for name, stays in {name: copy.stays for copy in copies for name in copy.agents}.items():
        agent, folder = ctx.agent(name), quote(str(stays))
        if agent.run_mode == "docker":
            yield Start(
                name, f"mount {folder} read-write in its container, and set {STORE_DIR} to where it is mounted"
            )
        elif agent.client == "claude" and stays == host:
            yield Start(name, f"ops agent run {name}")
        elif agent.client == "claude":
            yield Start(name, f"export {STORE_DIR}={folder}")


def _next(copies: tuple[Copy, ...], plan: str) -> str | None:
    if failed := next((copy for copy in copies if copy.state == "failed"), None):
        return f"Plan again: ops token consolidate ({failed.problem})"
    if any(copy.state == "planned" for copy in copies):
        return f"End the sessions of these agents, then: ops token consolidate --plan {plan}"
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
