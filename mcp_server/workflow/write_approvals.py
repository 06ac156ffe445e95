"""The human's words for pull requests, kept in `OPS_HOME/approvals` (0600): given, and used once."""

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.workflow.approval import Proposal, fault_of, written


def give(ctx: Context, proposal: Proposal, by: str) -> Path:
    """Keep a word that a human gave; returns where."""
    path = _path(ctx, proposal)
    record = written(proposal, by, ctx.world.clock.now())
    with ctx.world.files.lock("approvals"):
        ctx.world.files.replace(path, record, inside=ctx.world.state, mode=0o600)
    return path


def use(ctx: Context, proposal: Proposal, step: str) -> None:
    """Use the word for exactly this; it is gone before anything is done with it. `denied` where there is none."""
    files, path = ctx.world.files, _path(ctx, proposal)
    with files.lock("approvals"):
        if files.kind(path) != "file":
            raise OpsError("denied", f"no human has given the word for it{_nearest(ctx, proposal)}", step)
        fault = fault_of(files.read(path), proposal, ctx.world.clock.now())
        files.set_aside(path, ctx.world.clock.now().strftime("approval-%Y%m%d-%H%M%S"))
    if fault:
        raise OpsError("denied", f"the word does not hold: {fault}", step)


def _path(ctx: Context, proposal: Proposal) -> Path:
    return ctx.world.state / "approvals" / f"{proposal.digest}.json"


def _nearest(ctx: Context, proposal: Proposal) -> str:
    """In what a word that was given for the same branch or commit differs."""
    files, folder, wanted = ctx.world.files, ctx.world.state / "approvals", asdict(proposal)
    for name in files.names(folder):
        with suppress(OpsError, ValueError, AttributeError):
            given = json.loads(files.read(folder / name))
            other = [key for key in wanted if given.get(key) != wanted[key]]
            if "repository" not in other and not {"head", "commit"} <= {*other}:
                return f": the one given is for another {' and '.join(other)}"
    return ""
