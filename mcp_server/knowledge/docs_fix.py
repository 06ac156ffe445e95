"""`ops docs check --fix`: append the missing rows to the indexes in the caller's clone; nothing else is changed."""

from dataclasses import dataclass
from pathlib import Path

from mcp_server.kernel.errors import OpsError
from mcp_server.knowledge.index_rows import with_rows
from mcp_server.knowledge.look_indexes import IndexedFolder, written_indexes
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.workflow.look_own_clone import own_clone


@dataclass(frozen=True)
class Appended:
    """`row` is as it was read back."""

    index: str
    row: str


@dataclass(frozen=True)
class Skipped:
    """A page that got no row, or an index that could not take one, and why; nothing of it was changed."""

    path: str
    why: str
    next: str


@dataclass(frozen=True)
class DocsFix:
    clone: Path
    agent: str
    appended: tuple[Appended, ...]
    left: tuple[Skipped, ...]


def _fix(ctx: Context, _: Params) -> DocsFix:
    home = own_clone(ctx)
    if not ctx.fleet.writes_rows(home):
        raise OpsError("denied", f"{ctx.fleet.root} lets the PM alone edit INDEX.md", "Propose the rows to the PM")
    appended: list[Appended] = []
    left: list[Skipped] = []
    for index in written_indexes(ctx.world.files, home.folder):
        try:
            with ctx.world.files.lock(index.lock):
                appended += _appended(index, left)
        except OpsError as error:
            left.append(Skipped(index.path, error.message, error.next))
    return DocsFix(home.folder, home.name, tuple(appended), tuple(left))


def _appended(index: IndexedFolder, left: list[Skipped]) -> list[Appended]:
    rows: dict[str, dict[str, str]] = {}
    for path in index.missing(index.listing()):
        try:
            rows[path.relative_to(index.folder).as_posix()] = index.cells(path)
        except OpsError as error:
            left.append(Skipped(path.relative_to(index.clone).as_posix(), error.message, error.next))
    if not rows:
        return []
    longer = with_rows(index.path, index.files.read(index.file), index.columns, tuple(rows.values()))
    index.files.replace(index.file, longer, inside=index.clone)
    there = index.rows(index.files.read(index.file))
    return [Appended(index.path, there[name]) for name in rows if name in there]


def _text(result: DocsFix) -> str:
    lines = [f"appended to {done.index}: {done.row}" for done in result.appended]
    lines += [f"left {left.path}: {left.why}\n  Next: {left.next}" for left in result.left]
    count = len(result.appended)
    return "\n".join([f"{count or 'no'} row{'s' * (count != 1)} appended in {result.clone}", *lines])


DOCS_FIX = Operation(
    name="docs_fix",
    title="Append missing rows",
    summary="append the rows that the indexes lack, on your own branch, and touch nothing else",
    effect=Effect.WRITE,
    run=_fix,
    text=_text,
    ok=lambda result: not result.left,
    flag_of="docs_check",
)
