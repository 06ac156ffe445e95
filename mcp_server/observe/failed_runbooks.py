"""The pages of a clone that did not help in an incident and were not corrected since. It only looks."""

from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from mcp_server.domain.finding import Finding
from mcp_server.domain.indextable import literal
from mcp_server.domain.timeline import FAILED, Entry
from mcp_server.observe.incidents import known
from mcp_server.observe.pages import OPS_DOCS
from mcp_server.ports import Context


def look_into_failed_runbooks(ctx: Context, clone: Path) -> Iterator[Finding]:
    """Of each page the last time it failed; a commit that changed the page since then settles it."""
    failed: dict[str, tuple[Entry, str]] = {}
    for one in known(ctx):
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
