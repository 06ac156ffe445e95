"""What incidents left to do: pages that did not help and were not corrected, ends without a page. It only looks."""

from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from mcp_server.kernel.finding import Finding
from mcp_server.kernel.index_table import literal
from mcp_server.knowledge.look_pages import OPS_DOCS
from mcp_server.operation.context import Context
from mcp_server.records.incident import OVER
from mcp_server.records.look_incidents import known
from mcp_server.records.timeline import FAILED, Entry


def look_into_incidents(ctx: Context, clone: Path) -> Iterator[Finding]:
    """Of each page of the clone the last time it failed, which a commit that changed it since settles; and the
    incidents of the clone that are over and no page helped, though the index had some to offer."""
    failed: dict[str, tuple[Entry, str]] = {}
    for one in known(ctx, ctx.fleet.holding(clone)):
        if one.course.status in OVER and one.record.offered and not one.course.helped and clone in one.path.parents:
            step = f"ops runbook add, then: ops incident update {one.id} --runbook PAGE --helped"
            yield Finding("incident_without_runbook", "notice", f"{one.id} is over and no runbook helped", step)
        for entry in one.course.entries:
            before = failed.get(entry.text)
            if entry.mark == FAILED and (before is None or before[0].at < entry.at):
                failed[entry.text] = (entry, one.id)
    if not failed:
        return
    changed = ctx.world.git.last_changes(clone, clone / OPS_DOCS)
    for file, since in changed.items():
        path = file.relative_to(clone).as_posix()
        entry, incident = failed.get(literal(path), (None, ""))
        if entry and since <= entry.at:
            step = f"Correct its steps and commit it: {quote(str(file))}"
            yield Finding("runbook_failed", "warning", f"{path} did not help in {incident}", step)
