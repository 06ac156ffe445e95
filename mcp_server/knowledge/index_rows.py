"""The rows of an INDEX.md as bytes: what a row says of a file, rows appended, and a row found again."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import quote

from mcp_server.kernel.caller_text import line
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.index_table import Table, append_rows, literal, local_path, read
from mcp_server.kernel.merge_marks import require_merged

_DAY = re.compile(r"(?:.*/)?(\d{4}-\d\d-\d\d)(?=\b|_)")
_COMMAND = re.compile(r"/[\w:-]+")


def day_of(name: str) -> str:
    """The date that the file name of an incident begins with, "" without one."""
    found = _DAY.match(name)
    return found[1] if found else ""


def cells(name: str, title: str, command: str | None = None) -> dict[str, str]:
    """What a row of either index says of the file `name`, a path from the index's folder."""
    said, link = literal(line(title)), f"[{literal(name)}]({quote(name)})"
    shown = f"`{command}`" if command and _COMMAND.fullmatch(command) else "Manual"
    return {
        "Problem": said,
        "Solution Doc": link,
        "Command": shown,
        "Date": day_of(name),
        "File": link,
        "Summary": said,
    }


def record_columns(text: str) -> tuple[str, str] | None:
    """The column by which the first table of an index of decision records names files, twice; None: no table."""
    table = next(iter(read(text).tables), None)
    known = {column.casefold(): column for column in table.columns} if table else {}
    link = next(
        (known[name] for name in ("file", "link", "record", "adr", "decision", "title") if name in known), None
    )
    return (link, link) if link else None


def record_cells(name: str, title: str, day: date, link_in: str) -> dict[str, str]:
    """What a row says of a new decision record; `link_in` is the column that names the file."""
    number = name.partition("-")[0]
    said = {**dict.fromkeys(("ADR", "#", "No", "Number", "ID"), number), "Status": "proposed", "Date": str(day)}
    said |= dict.fromkeys(("Title", "Decision", "Summary"), title)
    said[link_in] = f"[{said.get(link_in, literal(name))}]({quote(name)})"
    return said


def with_rows(index: str, data: bytes, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """`data`, which is the file `index`, with `rows` below the last one of its table; every other byte stays.

    `invalid` where it is not UTF-8 or has no table with `columns`, `conflict` where a merge left two versions. Of
    several tables it is the first; of those with dates the one with the newest.
    """
    text = _text(index, data)
    require_merged(index, text)
    tables = read(text).of(columns)
    if not tables:
        wanted = " | ".join(columns)
        raise OpsError(
            "invalid", f"{index} has no table with the columns {wanted}", f"Correct the table in {index}, then again"
        )
    return append_rows(text, max(tables, key=_newest), rows).encode()


def row_naming(index: str, data: bytes, columns: Sequence[str], name: str) -> str | None:
    """The line of the row that names the file `name`, as it is written in `data`; None without one."""
    return rows_naming(index, data, columns).get(name)


def rows_naming(index: str, data: bytes, columns: Sequence[str]) -> dict[str, str]:
    """By the file that it names the first row that does, as it is written in `data`."""
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
        raise OpsError(
            "invalid", f"{index} is not UTF-8: byte {error.start} cannot be read", f"Look at it with: file {index}"
        ) from None
