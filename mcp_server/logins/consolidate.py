"""`token_consolidate` cures copies of one login: one store stays, the others are set aside and can be brought back.

Which store stays, for each login that lies in several:

* the host's, if it holds that login;
* the host's, if it holds another one that is alive and was renewed no earlier: the copies are then most likely an
  older generation of it, and renewing such a one revokes the whole login;
* else the newest of the copies, where it lies: it may be the last one alive. Logins that differ are never merged
  into one file, as nothing in a store tells two accounts from two generations.

The store that stays is not written. A copy goes only when its bytes were read back from the state folder, and while
the refresh lock of every store concerned is held, so that no client of these stores renews meanwhile: killed at any
step, each login is in at least one place.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import Final, Literal

from pydantic import Field

from mcp_server.clients.claude import STORE_FILE
from mcp_server.clients.write_locks import refresh_lock
from mcp_server.kernel.document import columns
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.humanize import agent_names
from mcp_server.logins.claude_login import State
from mcp_server.logins.look_hazards import copied
from mcp_server.logins.look_stores import StoreLook, host_store, look, look_at
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params

_ALIVE: Final[tuple[State, ...]] = ("healthy", "access_lapsed", "login_ending", "busy")
_VARIABLE: Final = "CLAUDE_SECURESTORAGE_CONFIG_DIR"


class ConsolidateParams(Params):
    plan: str | None = Field(default=None, max_length=64, description="Apply this plan; none: show what it would be")


@dataclass(frozen=True)
class Copy:
    """One copy. `stays` is the folder of the store for its agents; `aside` where the copy lies, `undo` what brings
    it back."""

    path: Path
    agents: tuple[str, ...]
    generation: str
    stays: Path
    state: Literal["planned", "set_aside", "failed"] = "planned"
    aside: Path | None = None
    undo: str | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Start:
    """How an agent whose copy goes is to be started: the command, or what its shell or its container needs."""

    agent: str
    how: str


@dataclass(frozen=True)
class TokenConsolidate:
    """`plan` names the stores and logins that it was made from; it is refused once any of that has changed."""

    plan: str
    copies: tuple[Copy, ...]
    starts: tuple[Start, ...]
    next: str | None


def _consolidate(ctx: Context, params: ConsolidateParams) -> TokenConsolidate:
    if params.plan is None:
        planned = _planned(ctx)
        return _answer(ctx, planned, _digest(planned))
    run = f"{ctx.world.clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    with ExitStack() as held:
        held.enter_context(ctx.world.files.lock("consolidate"))
        for folder in sorted({f for copy in _as_planned(ctx, params.plan) for f in (copy.path.parent, copy.stays)}):
            held.enter_context(refresh_lock(ctx.world.files, folder))
        done = tuple(_set_aside(ctx, copy, run) for copy in _as_planned(ctx, params.plan))
    return _answer(ctx, done, params.plan)


def _planned(ctx: Context) -> tuple[Copy, ...]:
    looks = tuple(store for store in look(ctx) if store.path.name == STORE_FILE)
    return tuple(
        Copy(store.path, store.agents, generation, stays)
        for generation, stores in copied(looks).items()
        for stays in [_staying(looks[0], stores).folder]
        for store in stores
        if store.folder != stays
    )


def _as_planned(ctx: Context, plan: str) -> tuple[Copy, ...]:
    """What stands now, provided it is what the plan was made from."""
    planned = _planned(ctx)
    if _digest(planned) != plan:
        problem = f"the plan {shown(plan, 20)} is not what stands now"
        raise OpsError("conflict", problem, "Plan again: ops token consolidate")
    return planned


def _staying(host: StoreLook, copies: tuple[StoreLook, ...]) -> StoreLook:
    if host in copies:
        return host
    newest = max(copies, key=_renewed)
    return host if host.state in _ALIVE and _renewed(host) >= _renewed(newest) else newest


def _renewed(store: StoreLook) -> datetime:
    return store.access_expires_at or datetime.min.replace(tzinfo=UTC)


def _digest(copies: tuple[Copy, ...]) -> str:
    seen = sorted(f"{copy.path}\n{copy.generation}\n{copy.stays}" for copy in copies)
    return hashlib.sha256("\0".join(seen).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _set_aside(ctx: Context, copy: Copy, run: str) -> Copy:
    try:
        aside = ctx.world.files.set_aside(copy.path, run)
    except OpsError as error:
        return replace(copy, state="failed", problem=error.message)
    if look_at(ctx.world, copy.path.parent, copy.agents).generation == copy.generation:
        return replace(copy, state="failed", aside=aside, problem=f"{copy.path} holds the login again")
    undo = f"mv -n {quote(str(aside))} {quote(str(copy.path))}"
    return replace(copy, state="set_aside", aside=aside, undo=undo)


def _answer(ctx: Context, copies: tuple[Copy, ...], plan: str) -> TokenConsolidate:
    return TokenConsolidate(plan, copies, tuple(_starts(ctx, copies)), _next(copies, plan))


def _starts(ctx: Context, copies: tuple[Copy, ...]) -> Iterator[Start]:
    host = ctx.world.files.real(host_store(ctx))
    for name, stays in {name: copy.stays for copy in copies for name in copy.agents}.items():
        agent, folder = ctx.agent(name), quote(str(stays))
        if agent.run_mode == "docker":
            yield Start(
                name, f"mount {folder} read-write in its container, and set {_VARIABLE} to where it is mounted"
            )
        elif agent.client == "claude" and stays == host:
            yield Start(name, f"ops agent run {name}")
        elif agent.client == "claude":
            yield Start(name, f"export {_VARIABLE}={folder}")


def _next(copies: tuple[Copy, ...], plan: str) -> str | None:
    if failed := next((copy for copy in copies if copy.state == "failed"), None):
        return f"Plan again: ops token consolidate ({failed.problem})"
    if any(copy.state == "planned" for copy in copies):
        return f"End the sessions of these agents, then: ops token consolidate --plan {plan}"
    return "Start the agents anew, with the lines above" if copies else None


def _text(answer: TokenConsolidate) -> str:
    if not answer.copies:
        return "No login lies in two stores."
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
    summary="Of each login that lies in several stores, keep one; the copies are set aside and can be brought back. "
    "Shows the plan; with it, applies it.",
    effect=Effect.WRITE,
    params=ConsolidateParams,
    run=_consolidate,
    text=_text,
    ok=lambda answer: all(copy.state == "set_aside" for copy in answer.copies),
)
