"""JSON text that is parsed strictly and written back in its old form.

Whatever other programs would silently merge or guess is refused: duplicate keys, NaN, half surrogates, deep nesting.
Writing keeps the order of keys, the spelling of each number, and the layout of the old text.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from shlex import quote
from typing import NoReturn, cast

from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.lazy_pattern import lazy_pattern

MAX_DEPTH = 100

_FIRST_KEY = r'[ \t\r\n]*\{(?P<lead>[ \t\r\n]*)(?:"(?:[^"\\]|\\.)*"[ \t\r\n]*:(?P<gap>[ ]?))?'
_HALF_SURROGATE = lazy_pattern(r"\\u[dD][89a-fA-F]")


class Spelled(float):
    """A number that remembers how it was spelled: 1.0 and 1e5 are written back as 1.0 and 1e5."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> "Spelled":
        number = super().__new__(cls, text)
        number.text = text
        return number


_text = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Layout:
    """The layout of a text. `indent` None means everything on one line."""

    indent: str | None = "  "
    newline: str = "\n"
    gap: str = " "
    "The text after the colon of a key."
    end: str = "\n"
    "The text after the last bracket."


def parse_object(text: str, source: object) -> dict[str, Json]:
    """The JSON object in `text`; `invalid` for anything else, with `source` and the position of the error."""
    if not text.strip():
        raise _refused(source, "is empty")
    try:
        value = cast("Json", _DECODER.decode(text))
    except json.JSONDecodeError as error:
        raise _refused(source, f"is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except ValueError as error:
        raise _refused(source, str(error)) from None
    except RecursionError:
        raise _refused(source, f"is nested deeper than {MAX_DEPTH} levels") from None
    if not isinstance(value, dict):
        raise _refused(source, f"holds {_kind(value)} where an object is needed")
    _check(value, text, source)
    return value


def layout_of(text: str) -> Layout:
    """The layout of a text that `parse_object` accepted, derived from its first key and its end."""
    found = re.match(_FIRST_KEY, text)
    lead, gap = (found["lead"], found["gap"]) if found else ("", None)
    end = text[len(text.rstrip()) :]
    newline = "\r\n" if "\r\n" in lead else "\n"
    if gap is None:  # an empty object does not show its layout
        return Layout(end=end)
    return Layout(lead.rpartition("\n")[2] if "\n" in lead else None, newline, gap, end)


def dump(value: Json, layout: Layout) -> str:
    """`value` as JSON text in `layout`."""
    return "".join(_written(value, layout, layout.newline)) + layout.end


def canonical(value: Json) -> str:
    """The same text for equal values, whatever the order of keys and the spelling of numbers (1, 1.0, 1e0)."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"))


def _written(value: Json, layout: Layout, line: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        members = ((_text(key) + ":" + layout.gap, member) for key, member in value.items())
        yield from _bracketed("{}", members, layout, line)
    elif isinstance(value, list) and value:
        yield from _bracketed("[]", (("", member) for member in value), layout, line)
    else:
        yield value.text if isinstance(value, Spelled) else _text(value)


def _bracketed(brackets: str, members: Iterator[tuple[str, Json]], layout: Layout, line: str) -> Iterator[str]:
    inner = line + layout.indent if layout.indent is not None else ""
    between = "," + (inner if layout.indent is not None else layout.gap)
    yield brackets[0] + inner
    for number, (lead, member) in enumerate(members):
        yield (between if number else "") + lead
        yield from _written(member, layout, inner)
    yield (line if layout.indent is not None else "") + brackets[1]


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise ValueError(f"names the key {shown(twice)} twice in one object")
    if "__proto__" in found:  # JavaScript programs read it as something else than a key
        raise ValueError("holds a key named '__proto__'")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"holds {name}, which is not JSON")


def _whole(text: str) -> int | Spelled:
    if len(text) > 400:
        raise ValueError(f"holds a number of {len(text)} digits")
    return Spelled(text) if text == "-0" else int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=Spelled, parse_int=_whole
)


def _check(value: dict[str, Json], text: str, source: object) -> None:
    level: list[dict[str, Json] | list[Json]] = [value]
    for _ in range(MAX_DEPTH):
        members = chain.from_iterable(group.values() if isinstance(group, dict) else group for group in level)
        level = [member for member in members if isinstance(member, dict | list)]
    if level:
        raise _refused(source, f"is nested deeper than {MAX_DEPTH} levels")
    if _HALF_SURROGATE.search(text):
        try:
            _text(value).encode()
        except UnicodeEncodeError:
            raise _refused(
                source, r"holds half of a surrogate pair (\ud800 to \udfff), which is no character"
            ) from None


def _kind(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "a number"


def _refused(source: object, what: str) -> OpsError:
    # json.tool shows the position of the error; its output may contain secrets and must not reach a screen.
    where = f"python3 -m json.tool {quote(str(source))} > /dev/null"
    return OpsError("invalid", f"{source} {what}", f"Repair it, or put back a backup of it; see where: {where}")


def json_object(data: bytes) -> Mapping[str, object]:
    """The JSON object in a store's bytes. `invalid` says what is wrong, without any of the content."""
    if not data.strip():
        raise _no_object("it is empty")
    try:
        document: object = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _no_object(f"it is not UTF-8 text at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise _no_object(f"it is not JSON at line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError):  # a number of 5,000 digits; brackets 100,000 deep
        raise _no_object("it is not JSON that can be read") from None
    if not isinstance(document, dict):
        raise _no_object("it is not a JSON object")
    return cast("Mapping[str, object]", document)


def _no_object(message: str) -> OpsError:
    return OpsError("invalid", message, "A human logs in again: claude, then /login")
