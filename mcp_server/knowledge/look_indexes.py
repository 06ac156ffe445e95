"""The indexes of a clone's docs: the folder of each, the files that its rows name, and pages without a row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os.path import normpath
from pathlib import Path

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.index_table import INCIDENTS, PROBLEMS, Link, Listing, Row, local_path, read
from mcp_server.knowledge.index_rows import cells, day_of, rows_naming
from mcp_server.knowledge.look_pages import INCIDENT_DOCS, NEVER_INDEXED, OPS_DOCS
from mcp_server.search import page_of
from mcp_server.search.page_folder import LARGEST_PAGE
from mcp_server.system.files import Files

ONLY_REPORTED = ("docs/systems/architecture", "docs/design")


def written_indexes(files: Files, clone: Path) -> tuple["IndexedFolder", ...]:
    """The indexes to which ops appends rows."""
    return IndexedFolder(files, clone, OPS_DOCS, PROBLEMS), incident_index(files, clone)


def incident_index(files: Files, clone: Path) -> "IndexedFolder":
    return IndexedFolder(files, clone, INCIDENT_DOCS, INCIDENTS)


@dataclass(frozen=True)
class IndexedFolder:
    """One folder with its INDEX.md; `columns` are empty for an index that ops only reports on."""

    files: Files
    clone: Path
    below: str
    columns: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return self.clone / self.below

    @property
    def file(self) -> Path:
        return self.folder / "INDEX.md"

    @property
    def path(self) -> str:
        return f"{self.below}/INDEX.md"

    @property
    def attributes(self) -> Path:
        """The file that configures how git merges the folder's pages."""
        return self.folder / ".gitattributes"

    @property
    def lock(self) -> str:
        """The name of the lock to hold while a row is appended, shared by all clones."""
        return self.folder.name

    def listing(self) -> Listing:
        return read(self.files.read_text(self.file))

    def rows(self, data: bytes) -> dict[str, str]:
        """The first row for each file that rows name, as it is written in `data`, the content of INDEX.md."""
        return rows_naming(self.path, data, self.columns)

    def targets(self, listing: Listing) -> Iterator[tuple[Link, Path, bool]]:
        """Every local link with its path on disk, and whether it is in a row."""
        rows = listing.rows(self.columns) if self.columns else ()
        lines = {row.line for row in rows}
        for link in (*listing.links, *_bare_names(rows, self.columns)):
            if target := local_target(self.clone, self.folder, link.target):
                yield link, target, not self.columns or link.line in lines

    def missing(self, listing: Listing) -> list[Path]:
        """The pages below the folder that no row names."""
        named = {target for _, target, in_row in self.targets(listing) if in_row}
        return [path for path in self.files.markdown(self.folder, NEVER_INDEXED) if path not in named]

    def cells(self, path: Path) -> dict[str, str]:
        """The cells of a page's row, taken from its front matter and headings; `invalid` if it cannot have one."""
        name = path.relative_to(self.folder).as_posix()
        if not name.isprintable():
            raise OpsError("invalid", f"{shown(name)} has characters that cannot be shown", "Rename the file")
        if self.columns == INCIDENTS and not day_of(name):
            raise OpsError("invalid", f"{name} is not named YYYY-MM-DD-description.md", "Rename the file so")
        page = page_of(path.name, self.files.read_text(path, LARGEST_PAGE))
        return cells(name, page.title, page.command)


def local_target(clone: Path, folder: Path, target: str) -> Path | None:
    """The path on disk of a link; one that starts with `/` is relative to the clone's root, as on GitHub."""
    path = local_path(target)
    if path is None:
        return None
    return Path(normpath(clone / path.lstrip("/") if path.startswith("/") else folder / path))


def _bare_names(rows: Sequence[Row], columns: Sequence[str]) -> Iterator[Link]:
    """The files that rows name without a link."""
    for row in rows:
        cell = row.cell(columns[1])
        if cell.target and not cell.links:
            yield Link(row.line, cell.target)
