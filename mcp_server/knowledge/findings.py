"""What the indexes of the operated docs contribute to the audit."""

from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Concern, Contribution, Finding
from mcp_server.knowledge.look_index_findings import index_faults
from mcp_server.knowledge.look_pages import OPS_DOCS, docs_clone
from mcp_server.operation.context import Context

_LIMIT = 8
"Findings that an audit lists; `ops docs check` lists them all."


def index_findings(ctx: Context) -> Contribution:
    """The faults of the indexes in one clone: the caller's, else an ops agent's, else the first that has docs.

    At most eight are listed, and one more finding counts the rest.
    """
    try:
        clone = docs_clone(ctx)
        found = index_faults(ctx.world.files, clone) if clone else ()
    except OpsError as error:
        return Contribution((Concern((), Finding.unread("index_unreadable", error)),))
    agent = ctx.fleet.holding(clone) if clone else None
    listed = [*found[:_LIMIT], *(() if clone else (docs_missing(ctx.fleet.root),))]
    if len(found) > _LIMIT:
        message = f"{len(found) - _LIMIT} more findings of the indexes"
        listed.append(Finding("index_more", "notice", message, "ops docs check"))
    return Contribution(tuple(Concern((agent.name,) if agent else (), finding) for finding in listed))


def docs_missing(root: Path) -> Finding:
    """The finding for a folder none of whose clones has operated docs: nothing in them was looked at."""
    message = f"no docs were looked at: no clone in {root} has the folder {OPS_DOCS}"
    return Finding("docs_missing", "warning", message, f"Look for it: ls -d {quote(str(root))}/*/docs", unknown=True)
