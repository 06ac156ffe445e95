"""TOML text as Codex reads it, TOML 1.1, and edited with tomlkit so that comments, order and line ends stay."""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any, Final, cast

from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_layout import canonical
from mcp_server.kernel.json_text import BOM, CutOffError
from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.pointer import ABSENT, Value, keys_of, pointer, value_at, with_value

_COMMENTS_AT_THE_TOP: Final = lazy_pattern(r"(?:[ \t]*(?:#[^\n]*)?\n)*")
_COMMENTS_AT_THE_END: Final = lazy_pattern(r"(?m)(?:^[ \t]*\r?\n)*(?:^[ \t]*#[^\n]*\n(?:[ \t]*\r?\n)*)+\Z")
_INTEGERS: Final = range(-(2**63), 2**63)


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
    import tomli  # noqa: PLC0415  (only fleets with a Codex master need it)

    try:
        text.encode()
        return cast("dict[str, Json]", _plain(tomli.loads(text.removeprefix(BOM))))
    except tomli.TOMLDecodeError as error:
        if error.pos >= len(error.doc.rstrip()):
            raise CutOffError(source, f"is cut off: {error.msg}") from None
        problem = f"{source} is not TOML: {error}"
    except UnicodeEncodeError:
        problem = f"{source} is not UTF-8 text"
    except (RecursionError, OverflowError) as error:
        problem = f"{source} holds what Codex does not read: {error}"
    raise OpsError("invalid", problem, f"Correct it: {source}")


def edit(text: str, values: Mapping[str, Value]) -> str:
    """`text` with these values at their pointers; ABSENT removes one. It is checked that nothing else differs."""
    mark, old = text[: text.startswith(BOM)], text.removeprefix(BOM)
    before = parse(old, "the config")
    wanted = before
    for at, value in sorted(values.items(), key=lambda item: item[1] is not ABSENT):
        wanted = with_value(wanted, at, value)
    for attempt in (_edited, _with_tables_at_the_end, _with_dotted_keys):
        try:
            new = attempt(old, before, values)
        except (ValueError, TypeError, LookupError, AttributeError):  # what tomlkit raises for a form it cannot edit
            continue
        if old.count("\r\n") == old.count("\n") > 0:
            new = new.replace("\r\n", "\n").replace("\n", "\r\n")
        if _holds(new, wanted, values):
            return mark + new
    places = ", ".join(list(values)[:5])
    raise OpsError("invalid", "this TOML cannot be edited without changing more of it", f"By hand: change {places}")


def _holds(new: str, wanted: dict[str, Json], values: Mapping[str, Value]) -> bool:
    try:
        found = parse(new, "what would be written")
    except OpsError:
        return False
    return canonical(found) == canonical(_without_emptied(wanted, found, values))


def _edited(text: str, before: dict[str, Json], values: Mapping[str, Value]) -> str:
    import tomlkit  # noqa: PLC0415

    document = tomlkit.parse(text)
    for at, value in sorted(values.items(), key=lambda item: item[1] is not ABSENT):
        if value is ABSENT and value_at(before, at) is ABSENT:
            continue
        *above, last = keys_of(at)
        table, old = cast("dict[str, Any]", document), cast("Value", before)
        for key in above:
            if not isinstance(table.get(key, {}), dict):
                table[key] = tomlkit.table()
            table = cast("dict[str, Any]", table.setdefault(key, tomlkit.table()))
            old = old.get(key, ABSENT) if isinstance(old, dict) else ABSENT
        _set(table, last, old.get(last, ABSENT) if isinstance(old, dict) else ABSENT, value)
    return document.as_string()


def _set(table: dict[str, Any], key: str, old: Value, new: Value) -> None:
    """Change no more than what differs: comments stand at the values beside it."""
    if new is ABSENT:
        if key in table:
            _remove(table, key)
    elif isinstance(old, dict) and isinstance(new, dict):
        _set_members(table[key], old, new)
    elif isinstance(old, list) and isinstance(new, list) and _alike(old, new):
        _set_list(table[key], old, new)
    else:
        table[key] = _native(new)


def _alike(old: list[Json], new: list[Json]) -> bool:
    """Whether both are lists of values, or both lists of tables, which TOML writes in two ways."""
    return bool(old and new) and len({isinstance(each, dict) for each in (*old, *new)}) == 1


def _set_members(table: Any, old: dict[str, Json], new: dict[str, Json]) -> None:
    for name in (*(name for name in old if name not in new), *new):
        below, after = old.get(name, ABSENT), new.get(name, ABSENT)
        if below is ABSENT or after is ABSENT or canonical(below) != canonical(after):
            _set(table, name, below, after)


def _remove(table: Any, key: str) -> None:
    """Remove a member, but not the comments at the end of a table: they are about what follows."""
    from tomlkit.items import Null, Whitespace  # noqa: PLC0415

    body: list[Any] = getattr(getattr(table, "value", table), "body", [])
    at = next((at for at, (name, _) in enumerate(body) if name is not None and name.key == key), None)
    end = _COMMENTS_AT_THE_END.search(table[key].as_string()) if isinstance(table[key], dict) else None
    table.pop(key)
    if at is not None and end and isinstance(body[at][1], Null):
        body[at] = (None, Whitespace(end[0]))


def _set_list(array: Any, old: list[Json], new: list[Json]) -> None:
    one, other = [canonical(each) for each in old], [canonical(each) for each in new]
    changes = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    for _, start, end, at, until in reversed(changes):  # from the end, so that positions stay
        both = min(end - start, until - at)
        for number in range(both):
            before, after = old[start + number], new[at + number]
            if isinstance(before, dict) and isinstance(after, dict):
                _set_members(array[start + number], before, after)
            elif one[start + number] != other[at + number]:
                array[start + number] = _native(after)
        for _ in range(start + both, end):
            del array[start + both]
        for number in range(at + both, until):
            array.insert(start + number - at, _native(new[number]))


def _with_tables_at_the_end(text: str, before: dict[str, Json], values: Mapping[str, Value]) -> str:
    """Values of missing tables in tables of their own at the end: for tables that dotted keys began."""
    import tomlkit  # noqa: PLC0415

    missing = {
        at: value for at, value in values.items() if isinstance(value, dict) and value_at(before, at) is ABSENT
    }
    text = _edited(text, before, {at: value for at, value in values.items() if at not in missing})
    added: dict[str, Json] = {}
    for at, value in missing.items():
        added = with_value(added, at, value)
    end = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{end}\n{tomlkit.dumps(_native(added))}" if missing else text


def _with_dotted_keys(text: str, before: dict[str, Json], values: Mapping[str, Value]) -> str:
    """The same, and other missing values as dotted keys at the top: for members of tables that dotted keys began."""
    import tomlkit  # noqa: PLC0415

    missing = {at: value for at, value in values.items() if value is not ABSENT and value_at(before, at) is ABSENT}
    named = ((tomlkit.key(keys_of(at)), value) for at, value in missing.items() if not isinstance(value, dict))
    lines = [f"{key.as_string()} = {cast('Any', tomlkit.item(_native(value))).as_string()}\n" for key, value in named]
    rest = {at: value for at, value in values.items() if at not in missing or isinstance(value, dict)}
    text = _with_tables_at_the_end(text, before, rest)
    top = cast("re.Match[str]", _COMMENTS_AT_THE_TOP.match(text)).end()
    return text[:top] + "".join(lines) + text[top:]


def _without_emptied(wanted: dict[str, Json], found: dict[str, Json], values: Mapping[str, Value]) -> dict[str, Json]:
    """`wanted` without the tables that vanished with their last member: those without a header of their own."""
    for removed in (at for at, value in values.items() if value is ABSENT):
        above = keys_of(removed)[:-1]
        while above and value_at(wanted, pointer(*above)) == {} and value_at(found, pointer(*above)) is ABSENT:
            wanted, above = with_value(wanted, pointer(*above), ABSENT), above[:-1]
    return wanted


def _native(value: Json) -> Any:
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
    if isinstance(value, int) and value not in _INTEGERS:
        raise OverflowError(f"the number {str(value)[:20]}, which has more than 64 bits")
    return value if isinstance(value, str | int | float | bool) else Dated(value)
