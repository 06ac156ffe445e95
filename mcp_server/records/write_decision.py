"""Writes a decision record and its row in the index beside it."""

from dataclasses import replace
from pathlib import Path

from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.index_rows import record_cells, record_columns
from mcp_server.knowledge.look_indexes import IndexedFolder
from mcp_server.knowledge.write_rows import add_row, allow_union_merge
from mcp_server.operation.context import Context
from mcp_server.records.decision import FOLDER
from mcp_server.records.decision_page import MADR, NewDecision, render, template_in


def write_decision(ctx: Context, home: Agent, new: NewDecision) -> tuple[Path, str | None, str | None]:
    """Write the record in the clone of `home`, by the template of its README, else MADR.

    Returns its path, its row in INDEX.md if there is one, and a note if a row is missing.
    """
    files, folder = ctx.world.files, home.folder / FOLDER
    readme = files.read_text(folder / "README.md") if files.kind(folder / "README.md") == "file" else ""
    path, text = folder / new.name, render(template_in(readme) or MADR, new)
    files.replace(path, text.encode(), inside=home.folder, mode=0o644)
    index = IndexedFolder(files, home.folder, FOLDER, ())
    if files.kind(index.file) == "absent":
        return path, None, None
    columns = record_columns(files.read_text(index.file))
    if columns is None:
        return path, None, f"{index.path} has no table of records: no row was added"
    cells = record_cells(new.name, new.title, new.day, columns[0])
    row, note = add_row(ctx, home, replace(index, columns=columns), new.name, cells)
    allow_union_merge(ctx, index, "INDEX.md")
    return path, row, note
