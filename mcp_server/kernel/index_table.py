"""The tables of an INDEX.md, read as GitHub reads them, and one row appended without touching another byte."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LARGEST: Final = 500_000
"Characters of an index: thousands of rows, read in seconds. A longer one is refused, for a look must end."
PROBLEMS: Final = ("Problem", "Solution Doc", "Command")
INCIDENTS: Final = ("Date", "File", "Summary")

_LINE = lazy_pattern(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_END = lazy_pattern(r"[\r\n]*\Z")
_PIPE = lazy_pattern(r"(?<!\\)\|")
_OUTER = lazy_pattern(r"[\s>]*")
# What markdown takes for markup inside a line; an underscore within a word (GH_TOKEN) is not.
_MARKUP = lazy_pattern(r"[\\`*\[\]<|]|~~|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")


@dataclass(frozen=True)
class Cell:
    """`text` is what a reader sees; `links` are the targets as written, `codes` the code spans."""

    text: str
    links: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def target(self) -> str | None:
        """What the cell refers to: its first link, else a bare name of a markdown file."""
        bare = (name for name in (*self.codes, self.text) if name.endswith(".md") and name == name.strip())
        return next(iter(self.links), None) or next(bare, None)


@dataclass(frozen=True)
class Row:
    """`line` counts from 1; `width` is how many cells are written, which may differ from the header's."""

    line: int
    cells: Mapping[str, Cell]
    width: int

    def cell(self, column: str) -> Cell:
        return self.cells.get(_key(column), Cell(""))


@dataclass(frozen=True)
class Table:
    """`line` is the header's, `last` that of the last row; both count from 1."""

    columns: tuple[str, ...]
    line: int
    last: int
    rows: tuple[Row, ...]

    def has(self, columns: Sequence[str]) -> bool:
        return {_key(c) for c in columns} <= {_key(c) for c in self.columns}


@dataclass(frozen=True)
class Link:
    line: int
    target: str


@dataclass(frozen=True)
class Listing:
    """An INDEX.md: its tables, every link in it, and the lines that look like rows but are outside of a table."""

    tables: tuple[Table, ...]
    links: tuple[Link, ...]
    loose: tuple[int, ...]

    def of(self, columns: Sequence[str]) -> tuple[Table, ...]:
        """The tables that have all of `columns`, in any order and among others."""
        return tuple(table for table in self.tables if table.has(columns))

    def rows(self, columns: Sequence[str]) -> tuple[Row, ...]:
        return tuple(row for table in self.of(columns) for row in table.rows)


def read(text: str) -> Listing:
    """Any text has a listing, if an empty one; `invalid` where it is above `LARGEST`."""
    if len(text) > LARGEST:
        raise OpsError(
            "invalid",
            f"an INDEX.md of {len(text):,} characters is not read, {LARGEST:,} is the most",
            "Ask a human to shorten it: what is long over goes to archive/, with its row",
        )
    lines = [_END.sub("", line) for line in _LINE.findall(text.removeprefix("\ufeff"))]
    tokens = _parser().parse("\n".join(lines))
    starts = [n for n, token in enumerate(tokens) if token.type == "table_open"]
    tables = tuple(_table(tokens, start, lines) for start in starts)
    links = tuple(link for token in tokens if token.type == "inline" for link in _links(token))
    return Listing(tables, links, tuple(_loose(tokens)))


def described(text: str) -> Iterator[tuple[str, str, str | None]]:
    """What the rows of either kind of table say of a file: its path as written, the problem, the slash command."""
    listing = read(text)
    for columns, text_column in ((PROBLEMS, "Problem"), (INCIDENTS, "Summary")):
        for row in listing.rows(columns):
            if path := local_path(row.cell(columns[1]).target or ""):
                command = row.cell("Command").text
                yield path, row.cell(text_column).text, command if command.startswith("/") else None


def append_rows(text: str, table: Table, rows: Sequence[Mapping[str, str]]) -> str:
    """`text` with more rows below the last of `table` (as `read(text)` gave it); all else stays as it is."""
    lines = _LINE.findall(text)
    end = _ending(lines[table.line - 1])
    outer = _OUTER.match(lines[table.line])
    new = [(outer[0] if outer else "") + row_text(table.columns, cells) for cells in rows]
    before, after = "".join(lines[: table.last]), "".join(lines[table.last :])
    return before + "".join(row + end if _ending(before) else end + row for row in new) + after


def row_text(columns: Sequence[str], cells: Mapping[str, str]) -> str:
    """The line of a row: `cells` holds markdown by column name, columns it does not name stay empty."""
    named = {_key(column): _PIPE.sub(r"\\|", " ".join(cell.split())) for column, cell in cells.items()}
    return "| " + " | ".join(named.get(_key(column), "") for column in columns) + " |"


def literal(text: str) -> str:
    """`text` on one line, escaped so that markdown shows it as it is."""
    return _MARKUP.sub(lambda found: "\\" + found[0], " ".join(text.split()))


def plain(text: str) -> str:
    """What a reader sees of `literal`'s text, or of a person's with such escapes (CommonMark 2.4)."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)


def local_path(target: str) -> str | None:
    """The file a link target names, decoded and without its anchor; None for a URL or an anchor alone."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else unquote(parts.path) or None


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415  many a command loads this module and reads no table

    return MarkdownIt("commonmark").enable("table")


def _table(tokens: "list[Token]", start: int, lines: list[str]) -> Table:
    end = next(n for n in range(start, len(tokens)) if tokens[n].type == "table_close")
    by_line: dict[int, list[Token]] = {}
    for token in tokens[start:end]:
        if token.type == "inline" and token.map:
            by_line.setdefault(token.map[0], []).append(token)
    (first, header), *body = sorted(by_line.items())
    columns = tuple(_cell(token).text for token in header)
    rows = tuple(_row(line, columns, cells, lines[line]) for line, cells in body)
    return Table(columns, first + 1, rows[-1].line if rows else first + 2, rows)


def _row(line: int, columns: Sequence[str], tokens: "list[Token]", written: str) -> Row:
    cells: dict[str, Cell] = {}
    for column, token in zip(columns, tokens, strict=True):
        cells.setdefault(_key(column), _cell(token))
    return Row(line + 1, cells, _width(written))


def _width(written: str) -> int:
    bare = _OUTER.sub("", written, count=1).rstrip()
    parts = _PIPE.split(bare)
    return len(parts) - (not parts[0]) - (len(parts) > 1 and not parts[-1])


def _cell(token: "Token") -> Cell:
    children = token.children or []
    text = "".join(" " if c.type in ("softbreak", "hardbreak", "html_inline") else c.content for c in children)
    codes = tuple(c.content for c in children if c.type == "code_inline")
    return Cell(" ".join(text.split()), tuple(link.target for link in _links(token)), codes)


def _links(token: "Token") -> Iterator[Link]:
    line = (token.map or [0])[0] + 1
    for child in token.children or []:
        line += child.type in ("softbreak", "hardbreak")
        target = child.attrGet("href") or child.attrGet("src")
        if target is not None:
            yield Link(line, str(target))


def _loose(tokens: "list[Token]") -> Iterator[int]:
    for before, token in pairwise(tokens):
        if before.type == "paragraph_open" and token.map:
            for offset, line in enumerate(token.content.split("\n")):
                if line.lstrip().startswith("|"):
                    yield token.map[0] + offset + 1


def _ending(line: str) -> str:
    found = re.search(r"(?:\r\n|\r|\n)\Z", line)
    return found[0] if found else ""


def _key(column: str) -> str:
    return " ".join(column.split()).casefold()
