"""Changes in the clones that choose hosting, a database, a queue or observability without a decision record."""

from collections.abc import Iterator
from shlex import quote

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Finding
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context
from mcp_server.records.cross_cutting import choices, decides, undecided
from mcp_server.records.decision import FOLDER
from mcp_server.records.look_decisions import records

_MOST_CLONES = 50


def look_into_changes(ctx: Context) -> Iterator[Finding]:
    """What the branches of the agents bring and no record in the same clone names; where that is not known, so."""
    clones = [a for a in ctx.fleet.agents if ctx.world.files.kind(a.folder / ".git") != "absent"]
    unknown = [agent.name for agent in clones[_MOST_CLONES:]]
    for agent in clones[:_MOST_CLONES]:
        try:
            yield from _of_one(ctx, agent)
        except OpsError:
            unknown.append(agent.name)
    if unknown:
        names = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
        message = f"whether the branch of {names} needs a decision record is not known"
        yield Finding("changes_unknown", "notice", message, "See what is wrong with the clones: ops fleet audit")


def _of_one(ctx: Context, agent: Agent) -> Iterator[Finding]:
    deciding = [change for change in ctx.world.git.changes(agent.folder) if decides(change.path)]
    if not deciding:
        return
    texts = [record.text for record in records(ctx.world.files, agent.folder)]
    for change in deciding:
        for choice in choices(change.added, change.removed):
            if undecided(choice, texts):
                what, title = f"{choice.name} ({choice.subject})", f"Use {choice.name} for {choice.subject}"
                message = f"{agent.name} brings {what} in {change.path}, and no record in {FOLDER} names it"
                step = f"ops adr propose --agent {agent.name} --title {quote(title)}"
                yield Finding("decision_without_record", "warning", message, step)
