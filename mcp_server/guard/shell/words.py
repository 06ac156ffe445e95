"""Words of a command line, as far as they are known before it runs.

An unknown part of a word is `ANY` (it stays inside the word) or `MANY` (unquoted: it may become several words).
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from mcp_server.kernel.lazy_pattern import lazy_pattern


class TooLongError(Exception):
    """Following the line takes more steps than are taken before a client would stop waiting."""


ANY: Final = "\x00"
MANY: Final = "\x01"
DETACHED: Final = ""
"The branch of a detached head."
# Unquoted characters that keep their meaning: { , } and a blank from an expansion.
OPEN, COMMA, CLOSE, BLANK = "\x02", "\x03", "\x04", "\x05"
LITERAL: Final = str.maketrans({OPEN: "{", COMMA: ",", CLOSE: "}"})
_UNQUOTED: Final = str.maketrans({"{": OPEN, ",": COMMA, "}": CLOSE})
_GROUP: Final = lazy_pattern(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}")
_ESCAPES: Final = dict(zip("ntrabfveE", "\n\t\r\a\b\f\v\x1b\x1b", strict=True))
_ANSI: Final = lazy_pattern(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|(.))", re.DOTALL
)
_MOST_WORDS: Final = 400
"An expansion to more words is cut off."


def names(text: str) -> frozenset[str]:
    """A set of names, written with blanks between them."""
    return frozenset(text.split())


def is_unknown(word: str) -> bool:
    """Whether a part of the word is not known."""
    return ANY in word or MANY in word


def might_be(word: str, name: str) -> bool:
    """Whether the word could expand to `name`. Unknown parts and globs match anything."""
    wild = {"*": ".*", "?": "."}
    plain = re.sub(rf"[{ANY}{MANY}*]+", "*", re.sub(r"\[[^\]]+\]", "?", word))
    pattern = "".join(wild.get(char) or re.escape(char) for char in plain)
    return re.fullmatch(pattern, name, re.DOTALL) is not None


def has_glob(word: str) -> bool:
    return any(c in word for c in "*?[") and word not in ("[", "[[", "?", "*")


def unquoted(text: str) -> str:
    """The text of a bare word: without backslashes, its braces and commas distinct from quoted ones."""
    return re.sub(r"\\(\n)|\\(.)|([{},])", _bare, text, flags=re.DOTALL)


def ansi_c(text: str) -> str:
    """The value of `$'...'`, given without its quotes."""
    return _ANSI.sub(_ansi, text)


def quoted(words: Iterable[str]) -> str:
    """Words as shell text, each in single quotes."""
    return " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)


def expanded(word: str) -> list[str]:
    """The words that a word becomes by brace expansion and splitting."""
    built = islice(_without_groups(word), _MOST_WORDS)
    parts = (part for each in built for part in each.split(BLANK) if part or BLANK not in each)
    return [part.translate(LITERAL) for part in parts]


def _without_groups(word: str) -> Iterator[str]:
    for _ in range(_MOST_WORDS):
        found = _GROUP.search(word)
        if found is None:
            yield word
            return
        heads, tails = word[: found.start()], word[found.end() :]
        alternatives = _alternatives(found[1])
        if len(alternatives) > 1:
            for choice in alternatives:
                yield from _without_groups(heads + choice + tails)
            return
        word = heads + alternatives[0] + tails
    raise TooLongError


def combined(lists: Iterable[list[str]]) -> list[str]:
    """Adjacent pieces make one word; a piece with several values makes several words."""
    built = [""]
    for pieces in lists:
        built = [head + piece for head in built for piece in pieces][:_MOST_WORDS]
    return built


def _alternatives(group: str) -> list[str]:
    """What the text between braces stands for: `a,b`, `1..3`, `a..c`; other braces stay."""
    if COMMA in group:
        return group.split(COMMA)
    if ".." not in group:
        return ["{" + group + "}"]
    ends = group.split("..")
    if len(ends) == 2 and all(end.isdecimal() for end in ends):
        low, high = sorted(map(int, ends))
        return [str(number) for number in range(low, min(high, low + 200) + 1)]
    if len(ends) == 2 and all(len(end) == 1 for end in ends):
        low, high = sorted(map(ord, ends))
        return [chr(code) for code in range(low, high + 1)]
    return [ANY]


def _bare(found: re.Match[str]) -> str:
    return "" if found[1] else found[2] or found[3].translate(_UNQUOTED)


def _ansi(found: re.Match[str]) -> str:
    for group, base in ((1, 16), (2, 16), (3, 16), (4, 8)):
        if found[group]:
            return chr(min(int(found[group], base), 0x10FFFF))
    return _ESCAPES.get(found[5], found[5])
