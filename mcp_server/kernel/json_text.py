"""JSON text as the clients read it, with JavaScript's `JSON.parse`.

Of a name that an object has twice, the last counts; half a surrogate pair is a character of its own; objects may be
nested however deeply; bytes that are not UTF-8 were read as U+FFFD. The Gemini CLI also takes comments.
"""

import json
import re
from collections.abc import Mapping
from typing import Final, NoReturn, cast

from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_scan import Spelled, scan, whole
from mcp_server.kernel.lazy_pattern import lazy_pattern

_COMMENT: Final = lazy_pattern(r'("(?:[^"\\]|\\.)*+(?:"|\Z))|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_BLANKS: Final = " \t\r\n\0"
BOM: Final = "\ufeff"


class CutOffError(OpsError):
    """A text that is empty, or ends before it is complete."""

    def __init__(self, source: object, what: str, holds: Json = None) -> None:
        super().__init__("invalid", f"{source} {what}", f"Put back a backup of {source}")
        self.holds = holds
        "What its first part holds."


def parse_object(text: str, source: object, *, comments: bool = False) -> dict[str, Json]:
    """The JSON object in `text`; `invalid` for anything else, with `source` and the position of the error."""
    if not text.isascii():
        text = text.encode(errors="surrogateescape").decode(errors="replace")
    plain = structure(text, comments=comments)
    if not plain.strip(_BLANKS):
        what = "zero bytes" if "\0" in plain else "blanks"
        raise CutOffError(source, f"holds nothing but {len(plain):,} {what}" if plain else "is empty")
    try:
        value = cast("Json", _DECODER.decode(plain))
    except (ValueError, RecursionError) as error:
        value = _scanned(plain, source, error)
    if not isinstance(value, dict):
        raise _refused(source, f"holds {_kind(value)} where an object is needed")
    return value


def structure(text: str, *, comments: bool = False) -> str:
    """`text` with blanks, at the same positions, for what is not JSON and its client skips: comments, or the
    mark at the start that Claude Code skips."""
    if comments:
        return _COMMENT.sub(lambda found: found[1] or re.sub(r"[^\r\n]", " ", found[0]), text)
    return f" {text[1:]}" if text.startswith(BOM) else text


def _scanned(text: str, source: object, error: ValueError | RecursionError) -> Json:
    found = scan(text)
    if found.error is None:
        return found.value
    if found.cut_off:
        raise CutOffError(source, "is cut off: its JSON does not end", found.value)
    at, why = found.error, "this is not JSON"
    if isinstance(error, json.JSONDecodeError):
        at, why = error.pos, error.msg
    elif isinstance(error, ValueError):
        raise _refused(source, str(error))
    before = text[:at].split("\n")
    why = "a byte-order mark, which the client refuses" if text[at : at + 1] == BOM else why
    raise _refused(source, f"is not JSON: line {len(before)}, column {len(before[-1]) + 1}: {why}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"holds {name}, which is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant, parse_float=Spelled, parse_int=whole)


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
    return OpsError("invalid", f"{source} {what}", f"Correct it: {source}")


def client_object(data: bytes, source: object, *, comments: bool = False) -> dict[str, Json]:
    """The JSON object in a file's bytes, as its client reads it: `parse_object` of them."""
    return parse_object(data.decode(errors="surrogateescape"), source, comments=comments)


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
