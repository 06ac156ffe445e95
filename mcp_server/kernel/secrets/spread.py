"""Values on another line than their name, or in another cell of a table."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.secrets.named import KEY

# The name ends its line: a YAML block, an XML element, a member, a label.
_BLOCK: Final = lazy_pattern(
    rf"({KEY}[\"']?[ \t]*:[ \t]*[|>][+-]?[0-9]?|<[\w.:-]{{0,30}}{KEY}>|[\"'][\w.-]{{0,30}}{KEY}[\"']:)[ \t\r]*$", re.I
)
_LABEL: Final = lazy_pattern(rf"{KEY}[ \t]*(:|=[ \t]*[\\]?)[ \t\r]*$", re.I)
_ALONE: Final = lazy_pattern(r"[ \t+]*[\"']?([^\s\"'<>,;|]{6,200})[\"']?[,;]?[ \t\r]*")
_CELL: Final = lazy_pattern(rf"[\"'`]?[\w .-]{{0,30}}{KEY}[\"'`]?", re.I)
_SEPARATOR: Final = lazy_pattern(r"[,;|\t]")
# Without a name beside it, only what looks made up counts; a prompt of a shell does not.
_MADE_UP: Final = lazy_pattern(
    r"(?![^\s@]+@[^\s:]+:[^\s]*[$#%]$)(?=.*[0-9])(?=.*[A-Za-z])"
    r"((?=.*[a-z])(?=.*[A-Z])[^/.]+|(?=.*[^\w./:@+~-])[^\s]+|[\w+/=-]{20,})"
)


def candidates(lines: Sequence[str], marked: Sequence[bool]) -> Iterator[tuple[int, str]]:
    """The number of a line and what may be a secret in it, for names on the `marked` lines."""
    if any(marked):
        yield from _below(lines, marked)
        yield from _cells(lines, marked)


def _below(lines: Sequence[str], marked: Sequence[bool]) -> Iterator[tuple[int, str]]:
    for number, (name, line) in enumerate(pairwise(lines)):
        found = _ALONE.fullmatch(line) if marked[number] else None
        if found and (_BLOCK.search(name) or (_LABEL.search(name) and _MADE_UP.fullmatch(found[1]))):
            yield number + 1, found[1]


def _cells(lines: Sequence[str], marked: Sequence[bool]) -> Iterator[tuple[int, str]]:
    """The cells below a name in the first line of a table; the one beside a name that is alone with it."""
    width, named = 0, list[int]()
    for number, line in enumerate(lines):
        row = _row(line)
        secret = [column for column, cell in enumerate(row) if _CELL.fullmatch(cell)] if marked[number] else []
        if len(row) != width:  # another table
            width, named = len(row), secret
        pair = [cell for cell in row if cell]
        beside = pair[1:] if len(pair) == 2 and row.index(pair[0]) in secret else []
        yield from ((number, cell) for cell in [row[column] for column in named] + beside if _MADE_UP.fullmatch(cell))


def _row(line: str) -> list[str]:
    separator = _SEPARATOR.search(line)
    return [cell.strip(" \t\r\"'`") for cell in line.split(separator[0], 64)] if separator else []
