"""The docs of a clone against their indexes: rows whose file is gone, files without a row, broken rows and links."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os.path import normpath
from pathlib import Path
from shlex import quote
from urllib.parse import quote as escaped

from mcp_server.domain.errors import OpsError, shown
from mcp_server.domain.finding import Finding, Severity
from mcp_server.domain.indextable import INCIDENTS, PROBLEMS, Link, Listing, Row, literal, local_path, read, row_text
from mcp_server.domain.search import page_of
from mcp_server.observe.pages import INCIDENT_DOCS, NEVER_INDEXED, OPS_DOCS, markdown_below
from mcp_server.ports import Files

_KEPT = {OPS_DOCS: PROBLEMS, INCIDENT_DOCS: INCIDENTS}
_ONLY_REPORTED = ("docs/systems/architecture", "docs/design")


def look(files: Files, clone: Path) -> tuple[Finding, ...]:
    """What is wrong with the indexes of `clone`; nothing is changed. Messages begin with file and line."""
    kept = (_Index(files, clone, below, columns) for below, columns in _KEPT.items())
    others = (_Index(files, clone, below, None) for below in _ONLY_REPORTED)
    return tuple(finding for index in (*kept, *others) for finding in index.findings())


@dataclass(frozen=True)
class _Index:
    """One folder with its INDEX.md; `columns` None: its form is not ours to judge, and it is only reported."""

    files: Files
    clone: Path
    below: str
    columns: tuple[str, ...] | None

    @property
    def folder(self) -> Path:
        return self.clone / self.below

    @property
    def path(self) -> str:
        return f"{self.below}/INDEX.md"

    def findings(self) -> Iterator[Finding]:
        try:
            if self.files.kind(self.folder) != "folder":
                yield from self._no_folder()
            elif self.files.kind(self.folder / "INDEX.md") == "absent":
                yield self._missing_index()
            else:
                yield from self._listed(read(self.files.read_text(self.folder / "INDEX.md")))
        except OpsError as error:
            yield Finding("index_unreadable", self._severity, f"{self.path}: {error.message}", error.next)

    @property
    def _severity(self) -> Severity:
        return "warning" if self.columns else "notice"

    def _no_folder(self) -> Iterator[Finding]:
        if self.columns:
            message = f"{self.below} is no folder in {self.clone}"
            yield Finding(
                "index_missing", "notice", message, f"See what is there: ls -la {quote(str(self.folder.parent))}"
            )

    def _missing_index(self) -> Finding:
        form = f", with the table | {' | '.join(self.columns)} |" if self.columns else ""
        message = f"{self.below} has no INDEX.md, and none is made for it"
        return Finding("index_missing", self._severity, message, f"Ask a human whether to write {self.path}{form}")

    def _listed(self, listing: Listing) -> Iterator[Finding]:
        rows = listing.rows(self.columns) if self.columns else ()
        if self.columns:
            yield from self._broken_rows(listing, self.columns)
        lines, indexed = {row.line for row in rows}, set[Path]()
        for link in (*listing.links, *_bare_names(rows, self.columns or ())):
            if target := self._local(link):
                in_row = not self.columns or link.line in lines
                indexed |= {target} if in_row else set()
                yield from self._target(link, target, in_row=in_row)
        for path in markdown_below(self.files, self.folder, NEVER_INDEXED):
            if path not in indexed:
                yield self._row_missing(path)

    def _local(self, link: Link) -> Path | None:
        """Where a link leads on disk; one that begins with `/` begins at the clone's root, as on GitHub."""
        path = local_path(link.target)
        if path is None:
            return None
        return Path(normpath(self.clone / path.lstrip("/") if path.startswith("/") else self.folder / path))

    def _broken_rows(self, listing: Listing, columns: Sequence[str]) -> Iterator[Finding]:
        if not listing.of(columns):
            message = f"{self.path} has no table with the columns {' | '.join(columns)}"
            yield Finding("index_table_missing", "warning", message, f"Correct the table in {self.path}")
        for line in listing.loose:
            yield self._broken(line, "a row that belongs to no table")
        for table in listing.of(columns):
            for row in table.rows:
                if row.width != len(table.columns):
                    yield self._broken(row.line, f"{row.width} cells in a table of {len(table.columns)} columns")
                elif not row.cell(columns[1]).target:
                    yield self._broken(row.line, "the row names no file")

    def _broken(self, line: int, what: str) -> Finding:
        return Finding("index_row_broken", self._severity, f"{self.path}:{line}: {what}", self._next(line))

    def _target(self, link: Link, target: Path, *, in_row: bool) -> Iterator[Finding]:
        where, step = f"{self.path}:{link.line}: {shown(link.target)}", self._next(link.line)
        if not target.is_relative_to(self.clone):
            yield Finding("index_link_outside", self._severity, f"{where} leads out of the clone", step)
        elif self.files.kind(target) == "absent":
            gone = target.relative_to(self.clone).as_posix()
            history = f"Find what became of it: git -C {quote(str(self.clone))} log --all --oneline -- {quote(gone)}"
            yield Finding("index_file_missing", self._severity, f"{where} is not there", history)
        elif in_row and self._is_never_indexed(target):
            yield Finding("index_row_forbidden", "notice", f"{where} is never indexed", step)

    def _is_never_indexed(self, target: Path) -> bool:
        if not self.columns or not target.is_relative_to(self.folder):
            return False
        return not NEVER_INDEXED.isdisjoint(target.relative_to(self.folder).parts)

    def _row_missing(self, path: Path) -> Finding:
        name = path.relative_to(self.clone).as_posix()
        message = f"{name} has no row in {self.path}"
        step = f"Append to {self.path}: {self._row(path)}" if self.columns else self._next()
        return Finding("index_row_missing", self._severity, message, step)

    def _row(self, path: Path) -> str:
        """The row that a page would have, made from what the page says of itself."""
        page = page_of(path.name, self.files.read_text(path))
        name = path.relative_to(self.folder).as_posix()
        cells = {
            "Date": path.name[:10],
            "File": f"[{name}]({escaped(name)})",
            "Summary": literal(page.title),
            "Problem": literal(page.title),
            "Solution Doc": f"[{name}]({escaped(name)})",
            "Command": f"`{page.command}`" if page.command and page.command.startswith("/") else "Manual",
        }
        return row_text(self.columns or (), cells)

    def _next(self, line: int | None = None) -> str:
        place = f"line {line} of {self.path}" if line else self.path
        return f"Correct {place}" if self.columns else f"Tell who keeps {self.path}: ops only reports on it"


def _bare_names(rows: Sequence[Row], columns: Sequence[str]) -> Iterator[Link]:
    """The files that rows name without a link."""
    for row in rows:
        cell = row.cell(columns[1])
        if cell.target and not cell.links:
            yield Link(row.line, cell.target)
