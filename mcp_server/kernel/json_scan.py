"""JSON read one token at a time: nested however deeply, and as far as a text goes that was cut off."""

import json
import re
from dataclasses import dataclass
from typing import Final

from mcp_server.kernel.document import Json
from mcp_server.kernel.lazy_pattern import lazy_pattern

_STRING: Final = r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+'
_TOKEN: Final = lazy_pattern(
    rf"""[ \t\r\n]*+(?: (?P<string>{_STRING}") | (?P<mark>[{{}}\[\],:]) | (?P<word>true|false|null)
      | (?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?) )""",
    re.VERBOSE,
)
_CUT: Final = lazy_pattern(
    rf"""[ \t\r\n]*+(?: {_STRING}(?:\\(?:u[0-9a-fA-F]{{0,3}})?)? | t(?:ru?)? | f(?:a(?:ls?)?)? | n(?:ul?)? | -
      | \. | [eE][-+]? )?[\x00 \t\r\n]*+\Z""",
    re.VERBOSE,
)
"The first part of a token, at the end of the text; a crash may have left zeros after it."
_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
_VALUES: Final = ("string", "word", "number", "{", "[")
_ALLOWED: Final[dict[str, tuple[str, ...]]] = {
    "value": _VALUES,
    "first value": (*_VALUES, "]"),
    "first key": ("string", "}"),
    "key": ("string",),
    "colon": (":",),
    "next in dict": (",", "}"),
    "next in list": (",", "]"),
}


class Spelled(float):
    """A number that remembers how it was spelled: 1.0 and 1e5 are written back as 1.0 and 1e5."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> "Spelled":
        number = super().__new__(cls, text)
        number.text = text
        return number


def whole(text: str) -> int | Spelled:
    """An integer as JavaScript has it: beyond 15 digits a double."""
    return Spelled(text) if len(text) > 15 or text == "-0" else int(text)


@dataclass(frozen=True)
class Scan:
    """What a text holds. `error` is where it stops being JSON; None if it does not."""

    value: Json
    error: int | None = None
    cut_off: bool = False
    "Whether it is the first part of a JSON text; `value` then has the members that are complete."


def scan(text: str) -> Scan:
    """The value in `text`, or what its first part holds."""
    root: list[Json] = []
    open_: list[list[Json] | dict[str, Json]] = [root]
    keys, expected, at = [""], "value", 0
    while len(open_) > 1 or not root:
        token = _TOKEN.match(text, at)
        kind = (token["mark"] or token.lastgroup or "") if token else ""
        if token is None or kind not in _ALLOWED[expected]:
            cut_off = token is None and _CUT.match(text, at) is not None
            return Scan(root[0] if root else None, at, cut_off)
        at = token.end()
        if kind == ":":
            expected = "value"
        elif kind == "string" and "key" in expected:
            keys[-1], expected = json.loads(token["string"]), "colon"
        elif kind == ",":
            expected = "key" if isinstance(open_[-1], dict) else "value"
        else:
            if kind in "}]":
                open_.pop()
                keys.pop()
            else:
                _put(open_[-1], keys[-1], value := _value(kind, token))
                if isinstance(value, dict | list):
                    open_.append(value)
                    keys.append("")
            expected = _after(kind, open_[-1])
    rest = text[at:].lstrip(" \t\r\n")
    return Scan(root[0], len(text) - len(rest) if rest else None)


def _after(kind: str, inside: "list[Json] | dict[str, Json]") -> str:
    if kind in "{[":
        return "first key" if kind == "{" else "first value"
    return "next in dict" if isinstance(inside, dict) else "next in list"


def _put(inside: "list[Json] | dict[str, Json]", key: str, value: Json) -> None:
    if isinstance(inside, dict):
        inside[key] = value
    else:
        inside.append(value)


def _value(kind: str, token: "re.Match[str]") -> Json:
    match kind:
        case "{":
            return {}
        case "[":
            return []
        case "word":
            return _WORDS[token["word"]]
        case "number":
            return whole(text) if (text := token["number"]).lstrip("-").isdigit() else Spelled(text)
        case _:
            found: Json = json.loads(token["string"])
            return found
