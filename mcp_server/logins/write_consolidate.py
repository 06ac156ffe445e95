"""Moves copies of a login out of their stores into the state folder, from which they can be brought back.

The store that stays is not written. A copy is removed only after its bytes were read back from the state folder, and
while the refresh locks of all stores concerned are held, so that no client renews meanwhile. If ops is killed at any
step, each login is still in at least one place.
"""

import secrets
from contextlib import ExitStack
from dataclasses import replace
from shlex import quote

from mcp_server.clients.write_locks import refresh_lock
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.logins.consolidation import Copy, copies_of, digest
from mcp_server.logins.look_agent_login import agent_logins
from mcp_server.logins.look_store import read_store
from mcp_server.logins.look_stores import look_at_stores
from mcp_server.operation.context import Context


def set_copies_aside(ctx: Context, plan: str) -> tuple[Copy, ...]:
    """Apply the plan with this digest. Raises `conflict` if the stores have changed since it was made."""
    run = f"{ctx.world.clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    with ExitStack() as held:
        held.enter_context(ctx.world.files.lock("consolidate"))
        for folder in sorted({f for copy in _as_planned(ctx, plan) for f in (copy.path.parent, copy.stays)}):
            held.enter_context(refresh_lock(ctx.world.files, folder))
        copies = _as_planned(ctx, plan)
        return tuple(_set_aside(ctx, copy, run) if copy.state == "planned" else copy for copy in copies)


def planned_copies(ctx: Context) -> tuple[Copy, ...]:
    """The copies of Claude's logins as they are now."""
    logins = agent_logins(ctx)
    return copies_of(look_at_stores(ctx, logins), {name: login.store for name, login in logins.items()})


def _as_planned(ctx: Context, plan: str) -> tuple[Copy, ...]:
    copies = planned_copies(ctx)
    if digest(copies) != plan:
        problem = f"the stores have changed since the plan {shown(plan, 20)} was made"
        raise OpsError("conflict", problem, "Plan again: ops token consolidate")
    return copies


def _set_aside(ctx: Context, copy: Copy, run: str) -> Copy:
    try:
        aside = ctx.world.files.set_aside(copy.path, run)
    except OpsError as error:
        return replace(copy, state="failed", problem=error.message)
    if read_store(ctx.world, copy.path.parent, copy.agents).generation == copy.generation:
        return replace(copy, state="failed", aside=aside, problem=f"{copy.path} holds the login again")
    undo = f"mv -n {quote(str(aside))} {quote(str(copy.path))}"
    return replace(copy, state="set_aside", aside=aside, undo=undo)
