"""Approvals of pull requests in `OPS_HOME/approvals` (mode 0600). Each is stored once and used once."""

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.workflow.approval import Approved, Proposal, encode, fault_of
from mcp_server.workflow.look_pull_request import Draft


def approve(ctx: Context, draft: Draft, by: str) -> Approved:
    """Store a human's approval of exactly this draft; `by` says where it was given."""
    proposal, now = draft.proposal, ctx.world.clock.now()
    with ctx.world.files.lock("approvals"):
        path = _path(ctx, proposal)
        ctx.world.files.replace(path, encode(proposal, by, now), inside=ctx.world.state, mode=0o600)
    step = f"ops --agent {quote(draft.home.name)} pr create --title {quote(proposal.title)}"
    return Approved(draft.description, proposal.digest, step)


def use_approval(ctx: Context, proposal: Proposal, step: str) -> None:
    """Consume the approval of exactly this proposal, before anything is done with it.

    Raises `denied` with `step` as the next step when there is none, or when it is not valid.
    """
    files, path = ctx.world.files, _path(ctx, proposal)
    with files.lock("approvals"):
        if files.kind(path) != "file":
            message = f"no human has approved this pull request{_difference(ctx, proposal)}"
            raise OpsError("denied", message, step)
        fault = fault_of(files.read(path), proposal, ctx.world.clock.now())
        files.set_aside(path, ctx.world.clock.now().strftime("approval-%Y%m%d-%H%M%S"))
    if fault:
        raise OpsError("denied", f"the approval is not valid: {fault}", step)


def _path(ctx: Context, proposal: Proposal) -> Path:
    return ctx.world.state / "approvals" / f"{proposal.digest}.json"


def _difference(ctx: Context, proposal: Proposal) -> str:
    """How an approval for the same branch or commit differs from this proposal; "" without one."""
    files, folder, wanted = ctx.world.files, ctx.world.state / "approvals", asdict(proposal)
    for name in files.names(folder):
        with suppress(OpsError, ValueError, AttributeError):
            stored = json.loads(files.read(folder / name))
            other = [key for key in wanted if stored.get(key) != wanted[key]]
            if "repository" not in other and not {"head", "commit"} <= {*other}:
                return f": the approval is for another {' and '.join(other)}"
    return ""
