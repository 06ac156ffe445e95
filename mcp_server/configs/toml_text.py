"""TOML text, parsed strictly, and edited with tomlkit so that comments, order and line ends stay."""

import tomllib
from collections.abc import Mapping
from shlex import quote
from typing import Any, cast

from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.pointer import ABSENT, Value, keys_of, pointer, value_at, with_value


class Dated(str):
    """A date or time as text, together with the original value."""

    __slots__ = ("value",)
    value: object

    def __new__(cls, value: object) -> "Dated":
        text = super().__new__(cls, value)
        text.value = value
        return text


def parse(text: str, source: object) -> dict[str, Json]:
    """The document in `text`, with dates as `Dated`; `invalid`, with `source` and the position, if it is not TOML."""
    try:
        return cast("dict[str, Json]", _plain(tomllib.loads(text)))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        step = f"Correct it: {quote(str(source))}"
        raise OpsError("invalid", f"{source} is not TOML: {error}", step) from None


def edit(text: str, values: Mapping[str, Value]) -> str:
    """`text` with these values at their pointers; ABSENT removes one. It is checked that nothing else differs."""
    import tomlkit  # noqa: PLC0415  (only fleets with a Codex master need it)

    wanted, document = parse(text, "the config"), tomlkit.parse(text)
    for at, value in values.items():
        wanted = with_value(wanted, at, value)
        *above, last = keys_of(at)
        table = cast("dict[str, Any]", document)
        for key in above:
            table = cast("dict[str, Any]", table.setdefault(key, tomlkit.table()))
        if value is ABSENT:
            table.pop(last, None)
        else:
            table[last] = _native(value)
    new = document.as_string()
    if text.count("\r\n") == text.count("\n") > 0:
        new = new.replace("\r\n", "\n").replace("\n", "\r\n")
    found = parse(new, "what would be written")
    if found != _without_emptied(wanted, found, values):
        raise OpsError("invalid", "this TOML cannot be edited without changing more of it", "Edit the file by hand")
    return new


def _without_emptied(wanted: dict[str, Json], found: dict[str, Json], values: Mapping[str, Value]) -> dict[str, Json]:
    """`wanted` without the tables that vanished with their last member: those without a header of their own."""
    for removed in (at for at, value in values.items() if value is ABSENT):
        above = keys_of(removed)[:-1]
        while above and value_at(wanted, pointer(*above)) == {} and value_at(found, pointer(*above)) is ABSENT:
            wanted, above = with_value(wanted, pointer(*above), ABSENT), above[:-1]
    return wanted


def _native(value: Json) -> object:
    if isinstance(value, dict):
        return {key: _native(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_native(member) for member in value]
    return value.value if isinstance(value, Dated) else value


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_plain(member) for member in cast("list[object]", value)]
    return value if isinstance(value, str | int | float | bool) else Dated(value)
