"""Results as JSON documents, and as aligned lines for a person."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from itertools import islice
from pathlib import PurePath
from types import MethodType
from typing import Final, TypeVar, cast

from mcp_server.kernel.secret import Secret

_Row = TypeVar("_Row")
MOST_ROWS: Final = 60

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def as_json(value: object) -> Json:
    """A result as plain JSON. Dataclasses (without fields that have `repr=False`) and named tuples become objects,
    times ISO 8601. Raises TypeError for a Secret.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value.value if isinstance(value, Enum) else value
        case datetime():
            return value.isoformat(timespec="seconds").replace("+00:00", "Z")
        case PurePath():
            return str(value)
        case _:
            return _container(value)


def _container(value: object) -> Json:
    if isinstance(value, Secret):
        raise TypeError("a Secret cannot be part of an answer")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_json(getattr(value, f.name)) for f in dataclasses.fields(value) if f.repr}
    if isinstance(named := getattr(value, "_asdict", None), MethodType):
        value = named()
    if isinstance(value, Mapping):
        return {str(k): as_json(v) for k, v in cast("Mapping[object, object]", value).items()}
    if isinstance(value, Iterable):
        return [as_json(v) for v in cast("Iterable[object]", value)]
    raise TypeError(f"a {type(value).__name__} cannot be part of an answer")


def notable_rows(rows: Sequence[_Row], is_quiet: Callable[[_Row], bool], most: int | None) -> tuple[_Row, ...]:
    """The rows that fit into an answer of `most`: all of so many; of more, the first `most` that are not quiet."""
    fit = most is None or len(rows) <= most
    return tuple(rows if fit else islice((row for row in rows if not is_quiet(row)), most))


def columns(rows: Sequence[Sequence[str]], gap: str = "  ") -> str:
    """Rows of cells as aligned lines, for a person in a terminal. The last column is not padded."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    lines = (gap.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
