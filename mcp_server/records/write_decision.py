"""Writes a decision record and its row in the index beside it."""

from dataclasses import replace
from pathlib import Path

from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.index_rows import record_cells, record_columns
from mcp_server.knowledge.look_indexes import IndexedFolder
from mcp_server.knowledge.write_rows import add_row, allow_union_merge
from mcp_server.operation.context import Context
from mcp_server.records.decision_name import parts_of
from mcp_server.records.decision_page import NewDecision, render
from mcp_server.records.decision_template import FILES, MADR, outline_of, template_in
from mcp_server.system.files import Files


def write_decision(ctx: Context, home: Agent, below: str, new: NewDecision) -> tuple[Path, str | None, str | None]:
    """Write the record in the folder `below` of the clone of `home`, in the form that the folder has.

    Returns its path, its row in INDEX.md if there is one, and a note if a row is missing.
    """
    files, folder = ctx.world.files, home.folder / below
    path, text = folder / new.name, render(_template(files, folder), new)
    files.replace(path, text.encode(), inside=home.folder, mode=0o644)
    index = IndexedFolder(files, home.folder, below, ())
    if files.kind(index.file) == "absent":
        return path, None, None
    columns = record_columns(files.read_text(index.file))
    if columns is None:
        return path, None, f"{index.path} has no table of records: no row was added"
    cells = record_cells(new.name, new.title, new.day, columns[0])
    row, note = add_row(ctx, home, replace(index, columns=columns), new.name, cells)
    allow_union_merge(ctx, index, "INDEX.md")
    return path, row, note


def _template(files: Files, folder: Path) -> str:
    """The template in the README, or in a file of its own, or the outline of the last records, or MADR."""
    readme = folder / "README.md"
    if files.kind(readme) == "file" and (found := template_in(files.read_text(readme))):
        return found
    numbered = [name for name in files.names(folder) if name.endswith("template.md") and not parts_of(name)]
    if own := next((name for name in (*FILES, *numbered) if files.kind(folder / name) == "file"), None):
        return files.read_text(folder / own)
    last = [name for name in files.names(folder) if parts_of(name)][-2:]
    return outline_of([files.read_text(folder / name) for name in last]) or MADR
