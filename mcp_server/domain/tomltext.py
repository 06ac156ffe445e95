"""TOML text read strictly, and edited so that comments, order and layout stay (by tomlkit)."""

import tomllib
from collections.abc import Mapping
from shlex import quote
from typing import Any, cast

from mcp_server.domain.document import Json
from mcp_server.domain.errors import OpsError
from mcp_server.domain.pointer import ABSENT, Value, keys_of, with_value


def parse(text: str, source: object) -> dict[str, Json]:
    """The document in `text`, dates as text; `invalid`, with `source` and the place in it, for what is no TOML."""
    try:
        return cast("dict[str, Json]", _plain(tomllib.loads(text)))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        step = f"Correct it: {quote(str(source))}"
        raise OpsError("invalid", f"{source} is not TOML: {error}", step) from None


def edited(text: str, values: Mapping[str, Value]) -> str:
    """`text` with these values at their pointers, ABSENT for none. Nothing else changes, which is checked."""
    import tomlkit  # noqa: PLC0415  (only fleets with a Codex master pay for it)

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
            table[last] = value
    new = document.as_string()
    if parse(new, "what would be written") != wanted:
        raise OpsError("invalid", "this TOML cannot be edited without changing more of it", "Edit the file by hand")
    return new


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_plain(member) for member in cast("list[object]", value)]
    return value if isinstance(value, str | int | float | bool) else str(value)
