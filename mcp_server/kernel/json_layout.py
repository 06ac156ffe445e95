"""JSON text as it is written: in the layout of the old text, or in the one form that equal values share."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from mcp_server.kernel.document import Json
from mcp_server.kernel.json_scan import Spelled
from mcp_server.kernel.lazy_pattern import lazy_pattern

_FIRST_KEY = r'\ufeff?[ \t\r\n]*\{(?P<lead>[ \t\r\n]*)(?:"(?:[^"\\]|\\.)*"[ \t\r\n]*:(?P<gap>[ ]?))?'
_HALF_SURROGATE = lazy_pattern("[\ud800-\udfff]")
_DEEPEST = 50
"Indentations: what is nested deeper is written below each other."
_text = json.JSONEncoder(ensure_ascii=False).encode
_ascii = json.JSONEncoder().encode


@dataclass(frozen=True)
class Layout:
    """The layout of a text. `indent` None means everything on one line."""

    indent: str | None = "  "
    newline: str = "\n"
    gap: str = " "
    "The text after the colon of a key."
    end: str = "\n"
    "The text after the last bracket."
    canonical: bool = False
    "Whether keys are sorted and numbers spelled in one way."


_CANONICAL = Layout(None, gap="", canonical=True)


def layout_of(text: str) -> Layout:
    """The layout of a text that `parse_object` accepted, derived from its first key and its end."""
    found = re.match(_FIRST_KEY, text)
    lead, gap = (found["lead"], found["gap"]) if found else ("", None)
    end = text[len(text.rstrip()) :]
    newline = "\r\n" if "\r\n" in (lead or end) else "\n"
    if gap is None:  # an empty object does not show its layout
        return Layout(newline=newline, end=end)
    return Layout(lead.rpartition("\n")[2] if "\n" in lead else None, newline, gap, end)


def dump(value: Json, layout: Layout) -> str:
    """`value` as JSON text in `layout`."""
    return written(value, layout, layout.newline) + layout.end


def canonical(value: Json) -> str:
    """The same text for values that JavaScript holds equal: the order of keys and the spelling of numbers do not
    matter."""
    return written(value, _CANONICAL, "")


def written(value: Json, layout: Layout, line: str) -> str:
    """`value` as JSON text; `line` is the newline and indentation before its closing bracket."""
    return "".join(_pieces(value, layout, line))


def name(key: str, layout: Layout) -> str:
    """What is written before a member's value."""
    return _string(key, layout) + ":" + layout.gap


def _pieces(value: Json, layout: Layout, line: str) -> Iterator[str]:
    open_: list[tuple[Iterator[tuple[str, Json]], str, str]] = []  # a stack: nesting may be deeper than Python's own
    while True:
        if isinstance(value, dict | list) and value:
            deeper = layout.indent or "" if len(open_) < _DEEPEST else ""  # or the text grows with the square
            inner = line + deeper if layout.indent is not None else ""
            open_.append((_members(value, layout, inner), (line if inner else "") + _brackets(value)[1], line))
            yield _brackets(value)[0] + inner
            line = inner
        else:
            yield _scalar(value, layout)
        following = None
        while open_ and (following := next(open_[-1][0], None)) is None:
            _, closing, line = open_.pop()
            yield closing
        if following is None:
            return
        lead, value = following
        yield lead


def _members(value: "dict[str, Json] | list[Json]", layout: Layout, inner: str) -> Iterator[tuple[str, Json]]:
    between = "," + (inner or layout.gap)
    if isinstance(value, dict):
        keys = sorted(value) if layout.canonical else value
        members = ((name(key, layout), value[key]) for key in keys)
    else:
        members = (("", member) for member in value)
    for number, (lead, member) in enumerate(members):
        yield (between if number else "") + lead, member


def _brackets(value: Json) -> str:
    return "{}" if isinstance(value, dict) else "[]"


def _scalar(value: Json, layout: Layout) -> str:
    if isinstance(value, str):
        return _string(value, layout)
    if isinstance(value, float) and layout.canonical:
        # what no double can hold is null to JavaScript when it writes it
        return "null" if not math.isfinite(value) else _ascii(int(value) if value.is_integer() else float(value))
    return value.text if isinstance(value, Spelled) else _ascii(value)


def _string(text: str, layout: Layout) -> str:
    if layout.canonical:
        return _ascii(text)
    return _HALF_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", _text(text))
