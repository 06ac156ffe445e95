"""Findings for the check of the docs: incidents without a runbook, old notes, technology choices without a record."""

from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Finding
from mcp_server.kernel.index_table import literal
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.look_pages import OPS_DOCS
from mcp_server.operation.context import Context
from mcp_server.records import research
from mcp_server.records.cross_cutting import choices, decides
from mcp_server.records.incident import OVER
from mcp_server.records.look_decisions import folder_of, records
from mcp_server.records.look_incidents import known_incidents
from mcp_server.records.timeline import FAILED, Entry
from mcp_server.search.page_folder import LARGEST_PAGE

_MOST_CLONES = 50


def incident_findings(ctx: Context, clone: Path) -> Iterator[Finding]:
    """Incidents of this clone that ended although no runbook helped, and its runbooks that failed.

    A runbook counts as failed until a commit after the failure changes its page.
    """
    failed: dict[str, tuple[Entry, str]] = {}
    for one in known_incidents(ctx, ctx.fleet.holding(clone)):
        lacks_runbook = one.record.has_runbooks and not one.history.runbook_helped
        if clone in one.path.parents and one.history.status in OVER and lacks_runbook:
            step = f"ops runbook add, then: ops incident update {one.id} --runbook PAGE --helped"
            yield Finding("incident_without_runbook", "notice", f"{one.id} is over and no runbook helped", step)
        for entry in one.history.entries:
            before = failed.get(entry.text)
            if entry.mark == FAILED and (before is None or before[0].at < entry.at):
                failed[entry.text] = (entry, one.id)
    if not failed:
        return
    for file, since in ctx.world.git.last_changes(clone, clone / OPS_DOCS).items():
        path = file.relative_to(clone).as_posix()
        entry, incident = failed.get(literal(path), (None, ""))
        if entry and since <= entry.at:
            step = f"Correct its steps and commit it: {quote(str(file))}"
            yield Finding("runbook_failed", "warning", f"{path} did not help in {incident}", step)


def note_findings(ctx: Context, clone: Path) -> Iterator[Finding]:
    """Research notes that are past their shelf life, or lack what the README of their folder requires."""
    folder, files = clone / research.FOLDER, ctx.world.files
    try:
        sections = research.required_sections(files.read_text(folder / "README.md"))
    except OpsError:
        sections = ()
    for path in files.markdown(folder, {"README.md", "INDEX.md", "archive"}):
        try:
            note = files.read_text(path, LARGEST_PAGE)
            yield from _of_note(ctx, path.relative_to(clone).as_posix(), note, sections)
        except OpsError:
            continue  # the check of the pages reports what cannot be read


def _of_note(ctx: Context, name: str, note: str, sections: tuple[str, ...]) -> Iterator[Finding]:
    today, days = ctx.world.clock.now().date(), ctx.fleet.research.shelf_days
    made = research.researched(note)
    again = f"Research it again: ops research write {quote(Path(name).stem.replace('-', ' '))}"
    if made and (today - made).days > days:
        message = f"{name} was researched on {made}, {(today - made).days} days ago, and holds for {days}"
        yield Finding("note_stale", "notice", message, again)
    if faults := research.faults(note, sections, today):
        yield Finding("note_incomplete", "warning", f"{name}: {'; '.join(faults)[:400]}", f"Correct {name}. {again}")


def choice_findings(ctx: Context) -> Iterator[Finding]:
    """Branches that choose hosting, a database, a queue or observability without a decision record in the clone."""
    clones = [a for a in ctx.fleet.agents if ctx.world.files.kind(a.folder / ".git") != "absent"]
    unknown = [agent.name for agent in clones[_MOST_CLONES:]]
    for agent in clones[:_MOST_CLONES]:
        try:
            yield from _choices_of(ctx, agent)
        except OpsError:
            unknown.append(agent.name)
    if unknown:
        names = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
        message = f"whether the branch of {names} needs a decision record is not known"
        yield Finding("changes_unknown", "notice", message, "See what is wrong with the clones: ops fleet audit")


def _choices_of(ctx: Context, agent: Agent) -> Iterator[Finding]:
    deciding = [change for change in ctx.world.git.changes(agent.folder) if decides(change.path)]
    texts = [record.text for record in records(ctx.world.files, agent.folder)] if deciding else []
    for change in deciding:
        for choice in choices(change.added, change.removed):
            if not choice.is_decided(texts):
                what, title = f"{choice.name} ({choice.subject})", f"Use {choice.name} for {choice.subject}"
                below = folder_of(ctx.world.files, agent.folder)
                message = f"{agent.name} brings {what} in {change.path}, and no record in {below} names it"
                step = f"ops adr propose --agent {agent.name} --title {quote(title)}"
                yield Finding("decision_without_record", "warning", message, step)
