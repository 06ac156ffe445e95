"""The rows of an INDEX.md: the cells for a file, appending rows, and finding the row of a file."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import quote

from mcp_server.kernel.caller_text import line
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.index_table import Table, append_rows, literal, local_path, read
from mcp_server.kernel.merge_marks import require_merged

_DAY = re.compile(r"(?:.*/)?(\d{4}-\d\d-\d\d)(?=\b|_)")
_MARK = re.compile(r"\d{4}-\d\d-\d\d|\d+")
_COMMAND = re.compile(r"/[\w:-]+")


def day_of(name: str) -> str:
    """The date that the file name of an incident begins with, "" without one."""
    found = _DAY.match(name)
    return found[1] if found else ""


def cells(name: str, title: str, command: str | None = None) -> dict[str, str]:
    """The cells of a row, in either index, for the file `name`, a path relative to the index's folder."""
    text, link = literal(line(title)), f"[{literal(name)}]({quote(name)})"
    shown = f"`{command}`" if command and _COMMAND.fullmatch(command) else "Manual"
    return {
        "Problem": text,
        "Solution Doc": link,
        "Command": shown,
        "Date": day_of(name),
        "File": link,
        "Summary": text,
    }


def record_columns(text: str) -> tuple[str, str] | None:
    """The column by which the first table of an index of decision records names files, twice; None: no table."""
    table = next(iter(read(text).tables), None)
    known = {column.casefold(): column for column in table.columns} if table else {}
    link = next(
        (known[name] for name in ("file", "link", "record", "adr", "decision", "title") if name in known), None
    )
    return (link, link) if link else None


def mark_of(name: str) -> str:
    """The number or date in the file name of a record, as written; "" without one."""
    found = _MARK.search(name)
    return found[0] if found else ""


def record_cells(name: str, title: str, day: date, link_in: str) -> dict[str, str]:
    """The cells of a row for a new decision record; `link_in` is the column that names the file."""
    number = mark_of(name)
    row = {**dict.fromkeys(("ADR", "#", "No", "Number", "ID"), number), "Status": "proposed", "Date": str(day)}
    row |= dict.fromkeys(("Title", "Decision", "Summary"), title)
    row[link_in] = f"[{row.get(link_in, literal(name))}]({quote(name)})"
    return row


def with_rows(index: str, data: bytes, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """Append `rows` to the table in `data`, the content of the file `index`; every other byte stays.

    Of several tables the first is used, or the one with the newest date. Raises `invalid` if the file is not UTF-8 or
    has no table with `columns`, `conflict` if it has merge conflict markers.
    """
    text = _text(index, data)
    require_merged(index, text)
    tables = read(text).of(columns)
    if not tables:
        wanted = " | ".join(columns)
        problem = f"{index} has no table with the columns {wanted}"
        raise OpsError("invalid", problem, f"Correct the table in {index} and retry")
    return append_rows(text, max(tables, key=_newest), rows).encode()


def rows_naming(index: str, data: bytes, columns: Sequence[str]) -> dict[str, str]:
    """The first row for each file that rows name, as it is written in `data`."""
    text = _text(index, data)
    lines = re.split(r"\r\n|\r|\n", text)
    found: dict[str, str] = {}
    for row in read(text).rows(columns):
        if path := local_path(row.cell(columns[1]).target or ""):
            found.setdefault(path.removeprefix("./"), lines[row.line - 1].strip())
    return found


def _newest(table: Table) -> str:
    return max((row.cell("Date").text for row in table.rows), default="")


def _text(index: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        problem = f"{index} is not UTF-8: byte {error.start} cannot be read"
        raise OpsError("invalid", problem, f"Look at it with: file {index}") from None
