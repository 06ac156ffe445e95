"""Add a page's row to INDEX.md, and let two clones add rows to one table without a merge conflict."""

from collections.abc import Mapping

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.index_table import row_text
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.index_rows import with_rows
from mcp_server.knowledge.look_indexes import IndexedFolder
from mcp_server.operation.context import Context
from mcp_server.system.git.write_commit import Part


def row_part(index: IndexedFolder, name: str, cells: Mapping[str, str]) -> Part:
    """The row of the page `name` in INDEX.md: the existing one, else one made of `cells`."""

    def part(data: bytes | None) -> bytes | None:
        if data is None or name in index.rows(data):
            return data
        return with_rows(index.path, data, index.columns, [cells])

    return part


def add_row(
    ctx: Context, home: Agent, index: IndexedFolder, name: str, cells: Mapping[str, str]
) -> tuple[str | None, str | None]:
    """Add a row for the page `name` unless it has one. Returns the row in INDEX.md, and a note if it was not added.

    If only the PM edits INDEX.md, the row is returned as a proposal. INDEX.md itself is never created. Hold the
    index's lock.
    """
    try:
        if row := standing(index, name):
            return row, None
        if not ctx.fleet.writes_rows(home):
            table = next(iter(index.listing().of(index.columns)), index)
            return row_text(table.columns, cells), "Only the PM edits INDEX.md: propose this row"
        after = row_part(index, name, cells)(index.files.read(index.file)) or b""
        index.files.replace(index.file, after, inside=index.clone)
        return standing(index, name), None
    except OpsError as error:
        return None, f"No row was added: {error.message}"


def standing(index: IndexedFolder, name: str) -> str | None:
    """The row of the page `name` in INDEX.md."""
    return index.rows(index.files.read(index.file)).get(name)


def merge_part(pattern: str) -> Part:
    """Of a `.gitattributes` the line that keeps the lines of both sides of what matches `pattern`."""
    line = f"{pattern} merge=union".encode()

    def part(data: bytes | None) -> bytes:
        before = data or b""
        if line in before.splitlines():
            return before
        return (before if before.endswith(b"\n") or not before else before + b"\n") + line + b"\n"

    return part


def allow_union_merge(ctx: Context, index: IndexedFolder, pattern: str) -> None:
    """Have git keep the lines of both sides of what matches `pattern` in the folder.

    A repository that says how these files are merged keeps its way. Once committed, it holds in every clone.
    """
    if ctx.world.git.attribute(index.clone, index.folder / pattern.replace("*", "any"), "merge") != "unspecified":
        return
    before = index.files.read(index.attributes) if index.files.kind(index.attributes) != "absent" else None
    after = merge_part(pattern)(before) or b""
    index.files.replace(index.attributes, after, inside=index.clone, mode=0o644)
