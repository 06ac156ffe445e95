"""The research notes of a clone: those past their shelf life, and those that are none. Nothing is changed."""

from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Finding
from mcp_server.operation.context import Context
from mcp_server.records import research
from mcp_server.search.page_folder import LARGEST_PAGE


def look_into_notes(ctx: Context, clone: Path) -> Iterator[Finding]:
    """A folder of notes whose README says no sections leaves nothing to hold a note against but its age."""
    folder, files = clone / research.FOLDER, ctx.world.files
    try:
        sections = research.required_sections(files.read_text(folder / "README.md"))
    except OpsError:
        sections = ()
    for path in files.markdown(folder, {"README.md", "INDEX.md", "archive"}):
        try:
            yield from _look(ctx, path.relative_to(clone).as_posix(), files.read_text(path, LARGEST_PAGE), sections)
        except OpsError:
            continue  # the look at the pages names what cannot be read


def _look(ctx: Context, name: str, note: str, sections: tuple[str, ...]) -> Iterator[Finding]:
    today, days = ctx.world.clock.now().date(), ctx.fleet.research.shelf_days
    made = research.researched(note)
    again = f"Research it again: ops research write {quote(Path(name).stem.replace('-', ' '))}"
    if made and (today - made).days > days:
        message = f"{name} was researched on {made}, {(today - made).days} days ago, and holds for {days}"
        yield Finding("note_stale", "notice", message, again)
    if faults := research.faults(note, sections, today):
        yield Finding("note_incomplete", "warning", f"{name}: {'; '.join(faults)[:400]}", f"Correct {name}. {again}")
