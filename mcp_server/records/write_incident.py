"""What opening and updating an incident have in common: its answer, its row, its notice, and its commit."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import TypeVar

from mcp_server.kernel.caller_text import line
from mcp_server.kernel.commit_message import message_of
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.index_rows import cells, row_naming
from mcp_server.knowledge.look_indexes import IndexedFolder, incident_index
from mcp_server.knowledge.write_rows import add_row, let_merge, merge_part, row_part, standing
from mcp_server.notices.notice import Event
from mcp_server.notices.write_notices import About, announce, notice, told
from mcp_server.operation.context import Context
from mcp_server.system.git.write_commit import Part

R = TypeVar("R", bound="Recorded")
_PAGES = "*.md"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One incident after a call: `path` is its file, in the clone of `agent`."""

    id: str
    path: Path
    agent: str
    status: str
    note: str | None
    "What did not go as wanted, or where it is otherwise than one would expect."
    next: str
    notified: str | None = None
    "Who was told of what happened, or why nobody was, and the step that does it; None where nobody is to be told."
    commit: str | None = None
    "The commit that holds it, where one was asked for and made."

    @property
    def last_lines(self) -> list[str]:
        """How the answer to a person ends."""
        committed = f"Committed: {self.commit}" if self.commit else None
        return [*filter(None, (committed, self.note, self.notified)), f"Next: {self.next}"]


def put_row(ctx: Context, home: Agent, incident: str, title: str) -> tuple[str | None, str | None]:
    """The row of an incident in INDEX.md, and a note where it does not stand there; see `rows.add_row`."""
    index, name = incident_index(ctx.world.files, home.folder), f"{incident}.md"
    row = add_row(ctx, home, index, name, cells(name, title))
    let_merge(ctx, index, _PAGES)
    return row


def tell(ctx: Context, answer: R, event: Event, about: About, text: str) -> R:
    """The answer once people were told of the event, or why they were not and the step that does it."""
    delivery = announce(ctx, notice(ctx, event, about, line(text, 1_000)))
    step = (
        ". To send it now, in a shell that has the secret: ops notice send" if delivery and delivery.waiting else ""
    )
    return replace(answer, notified=told(delivery) + step)


def commit_record(ctx: Context, home: Agent, answer: R, title: str) -> R:
    """The answer once the incident is committed on the branch of `home`: its file, its row, and nothing else.

    The record stands whether that succeeds or not. What lies in another clone is not ours to commit.
    """
    if answer.agent != home.name:
        return answer
    try:
        head, missing = _commit(ctx, home, answer.id, title)
    except OpsError as error:
        return replace(answer, note=_joined(answer.note, f"not committed: {error.message}"), next=error.next)
    step = f"Push it: git -C {quote(str(home.folder))} push -u origin HEAD"
    return replace(answer, commit=head, note=_joined(answer.note, missing), next=step)


def _joined(*notes: str | None) -> str | None:
    return "; ".join(filter(None, notes)) or None


def _commit(ctx: Context, home: Agent, incident: str, title: str) -> tuple[str, str | None]:
    """The commit, and a note where the row is not in it; both as read back."""
    index, name = incident_index(ctx.world.files, home.folder), f"{incident}.md"
    git, page, parts = ctx.world.git, f"{index.below}/{name}", _parts(ctx, home, index, name, title)
    with ctx.world.files.lock(f"clone-{home.name}"):
        git.change.commit(home.folder, [page], message_of(home, f"incident {incident}", ""), parts)
        head, rows = git.state(home.folder).head, git.committed(home.folder, index.path)
        held = git.committed(home.folder, page)
    if head is None or held is None:
        raise OpsError("conflict", f"the commit {head} does not hold {page}", "Look: git show --stat")
    is_in = rows is not None and row_naming(index.path, rows, index.columns, name)
    missing = index.path in parts and not is_in
    return head, f"its row is not committed: git does not have {index.path} yet" if missing else None


def _parts(ctx: Context, home: Agent, index: IndexedFolder, name: str, title: str) -> dict[str, Part]:
    """What goes along with the page: our row where it stands, our line where it does."""
    parts: dict[str, Part] = {}
    with suppress(OpsError):
        if ctx.fleet.writes_rows(home) and standing(index, name):
            parts[index.path] = row_part(index, name, cells(name, title))
    with suppress(OpsError):
        line_of, said = merge_part(_PAGES), index.files.read(index.attributes)
        if line_of(said) == said:
            parts[f"{index.below}/{index.attributes.name}"] = line_of
    return parts
