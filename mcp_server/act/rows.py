"""A page's row in the INDEX.md beside it, and what lets two clones add rows to one table without a conflict."""

from collections.abc import Mapping

from mcp_server.domain.errors import OpsError
from mcp_server.domain.index_rows import row_naming, with_rows
from mcp_server.domain.indextable import row_text
from mcp_server.domain.inventory import Agent
from mcp_server.observe.indexes import IndexedFolder
from mcp_server.ports import Context


def add_row(
    ctx: Context, home: Agent, index: IndexedFolder, name: str, cells: Mapping[str, str]
) -> tuple[str | None, str | None]:
    """The row of the page `name` as it stands in INDEX.md, and a note where it does not stand there.

    Where the PM alone edits INDEX.md the row is proposed. INDEX.md itself is never made. Take the index's lock first.
    """
    try:
        data = index.files.read(index.file)
        if row := row_naming(index.path, data, index.columns, name):
            return row, None
        if not ctx.fleet.writes_rows(home):
            table = next(iter(index.listing().of(index.columns)), None)
            return row_text(
                table.columns if table else index.columns, cells
            ), "Only the PM edits INDEX.md: propose this row"
        index.files.replace(index.file, with_rows(index.path, data, index.columns, [cells]), inside=index.clone)
        return row_naming(index.path, index.files.read(index.file), index.columns, name), None
    except OpsError as error:
        return None, f"No row was added: {error.message}"


def let_merge(ctx: Context, index: IndexedFolder, pattern: str) -> str | None:
    """Have git keep the lines of both sides of what matches `pattern` in the folder; what was written, None: nothing.

    A repository that says how these files are merged keeps its way. Once committed, it holds in every clone.
    """
    if ctx.world.git.attribute(index.clone, index.folder / pattern.replace("*", "any"), "merge") != "unspecified":
        return None
    path = index.folder / ".gitattributes"
    before = index.files.read(path) if index.files.kind(path) != "absent" else b""
    lines = before if before.endswith(b"\n") or not before else before + b"\n"
    index.files.replace(path, lines + f"{pattern} merge=union\n".encode(), inside=index.clone, mode=0o644)
    return f"{index.below}/.gitattributes"
