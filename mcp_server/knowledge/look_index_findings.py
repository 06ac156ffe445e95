"""Compare the docs of a clone with their indexes: rows without a file, files without a row, broken rows and links."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.finding import Finding, Severity
from mcp_server.kernel.index_table import Link, Listing, row_text
from mcp_server.knowledge.look_indexes import ONLY_REPORTED, IndexedFolder, written_indexes
from mcp_server.knowledge.look_pages import NEVER_INDEXED
from mcp_server.system.files import Files


def index_faults(files: Files, clone: Path) -> tuple[Finding, ...]:
    """The faults of the indexes of `clone`. Messages start with file and line."""
    reported = (IndexedFolder(files, clone, below, ()) for below in ONLY_REPORTED)
    indexes = (*written_indexes(files, clone), *reported)
    return tuple(finding for index in indexes for finding in _Look(index).findings())


@dataclass(frozen=True)
class _Look:
    index: IndexedFolder

    def findings(self) -> Iterator[Finding]:
        index = self.index
        try:
            if index.files.kind(index.folder) != "folder":
                yield from self._no_folder()
            elif index.files.kind(index.file) == "absent":
                yield self._missing_index()
            else:
                yield from self._listed(index.listing())
        except OpsError as error:
            yield Finding("index_unreadable", self._severity, f"{index.path}: {error.message}", error.next)

    @property
    def _severity(self) -> Severity:
        return "warning" if self.index.columns else "notice"

    def _no_folder(self) -> Iterator[Finding]:
        if self.index.columns:
            message = f"{self.index.below} is not a folder in {self.index.clone}"
            step = f"See what is there: ls -la {quote(str(self.index.folder.parent))}"
            yield Finding("index_missing", "notice", message, step)

    def _missing_index(self) -> Finding:
        index = self.index
        form = f", with the table | {' | '.join(index.columns)} |" if index.columns else ""
        message = f"{index.below} has no INDEX.md, and ops never creates one"
        return Finding("index_missing", self._severity, message, f"Ask a human whether to write {index.path}{form}")

    def _listed(self, listing: Listing) -> Iterator[Finding]:
        if self.index.columns:
            yield from self._broken_rows(listing, self.index.columns)
        for link, target, in_row in self.index.targets(listing):
            yield from self._target(link, target, in_row=in_row)
        for path in self.index.missing(listing):
            yield self._row_missing(path)

    def _broken_rows(self, listing: Listing, columns: Sequence[str]) -> Iterator[Finding]:
        path = self.index.path
        if not listing.of(columns):
            message = f"{path} has no table with the columns {' | '.join(columns)}"
            yield Finding("index_table_missing", "warning", message, f"Correct the table in {path}")
        for line in listing.loose:
            yield self._broken(line, "a row that belongs to no table")
        for table in listing.of(columns):
            for row in table.rows:
                if row.width != len(table.columns):
                    yield self._broken(row.line, f"{row.width} cells in a table of {len(table.columns)} columns")
                elif not row.cell(columns[1]).target:
                    yield self._broken(row.line, "the row names no file")

    def _broken(self, line: int, what: str) -> Finding:
        return Finding("index_row_broken", self._severity, f"{self.index.path}:{line}: {what}", self._next(line))

    def _target(self, link: Link, target: Path, *, in_row: bool) -> Iterator[Finding]:
        clone, step = self.index.clone, self._next(link.line)
        where = f"{self.index.path}:{link.line}: {shown(link.target)}"
        if not target.is_relative_to(clone):
            yield Finding("index_link_outside", self._severity, f"{where} leads outside the clone", step)
        elif self.index.files.kind(target) == "absent":
            gone = target.relative_to(clone).as_posix()
            history = f"Find what became of it: git -C {quote(str(clone))} log --all --oneline -- {quote(gone)}"
            yield Finding("index_file_missing", self._severity, f"{where} is not there", history)
        elif in_row and self._is_never_indexed(target):
            yield Finding("index_row_forbidden", "notice", f"{where} is never indexed", step)

    def _is_never_indexed(self, target: Path) -> bool:
        if not self.index.columns or not target.is_relative_to(self.index.folder):
            return False
        return any(part in NEVER_INDEXED for part in target.relative_to(self.index.folder).parts)

    def _row_missing(self, path: Path) -> Finding:
        name = path.relative_to(self.index.clone).as_posix()
        message, step = f"{name} has no row in {self.index.path}", self._next()
        if self.index.columns:
            try:
                row = row_text(self.index.columns, self.index.cells(path))
                step = f"ops docs check --fix  # appends to {self.index.path}: {row}"
            except OpsError as error:
                message, step = f"{message}: {error.message}", error.next
        return Finding("index_row_missing", self._severity, message, step)

    def _next(self, line: int | None = None) -> str:
        path = self.index.path
        location = f"line {line} of {path}" if line else path
        return f"Correct {location}" if self.index.columns else f"Tell the owner of {path}: ops only reports on it"
