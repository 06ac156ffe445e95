"""Words of a command line as far as they are known before it runs.

A part that is not known is `ANY` (it stays inside its word) or `MANY` (unquoted: it may become several words).
"""

import re
from collections.abc import Iterable
from itertools import product
from typing import Final

ANY: Final = "\x00"
MANY: Final = "\x01"
DETACHED: Final = ""
"The name of no branch: a detached head."
# Unquoted characters that still have their meaning: { , } and a blank out of an expansion.
OPEN, COMMA, CLOSE, BLANK = "\x02", "\x03", "\x04", "\x05"
_LITERAL: Final = str.maketrans({OPEN: "{", COMMA: ",", CLOSE: "}"})
_UNQUOTED: Final = str.maketrans({"{": OPEN, ",": COMMA, "}": CLOSE})
_GROUP: Final = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}")
_ESCAPES: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
    "E": "\x1b",
}
_ANSI: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|(.))", re.DOTALL
)
_MOST_WORDS: Final = 400


def names(text: str) -> frozenset[str]:
    """A table's names, written with blanks between them."""
    return frozenset(text.split())


def is_unknown(word: str) -> bool:
    """Whether a part of the word is not known."""
    return ANY in word or MANY in word


def might_be(word: str, name: str) -> bool:
    """Whether the word, expanded, could be `name`: unknown parts and globs stand for anything."""
    parts = (
        "".join(".*" if c in f"{ANY}{MANY}*" else "." if c == "?" else re.escape(c) for c in _unbracketed(word)),
    )
    return re.fullmatch(parts[0], name, re.DOTALL) is not None


def has_glob(word: str) -> bool:
    return any(c in word for c in "*?[") and word not in ("[", "[[", "?", "*")


def unquoted(text: str) -> str:
    """The text of a bare word: backslashes taken away, braces and commas kept apart from quoted ones."""
    return re.sub(r"\\(\n)|\\(.)|([{},])", _bare, text, flags=re.DOTALL)


def ansi_c(text: str) -> str:
    """The value of `$'...'`, given without its quotes."""
    return _ANSI.sub(_ansi, text)


def quoted(words: Iterable[str]) -> str:
    """Words as the text of a line, each in single quotes."""
    return " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)


def expanded(word: str) -> list[str]:
    """A built word after brace expansion and splitting."""
    found = _GROUP.search(word)
    while found:
        inner = found[1]
        if COMMA in inner:
            alternatives = inner.split(COMMA)
        elif ".." in inner:
            alternatives = _range(inner)
        else:
            alternatives = ["{" + inner + "}"]
        heads, tails = word[: found.start()], word[found.end() :]
        if len(alternatives) == 1:
            word = heads + alternatives[0] + tails
            found = _GROUP.search(word)
            continue
        every = [each for choice in alternatives for each in expanded(heads + choice + tails)]
        return every[:_MOST_WORDS]
    return (
        [part.translate(_LITERAL) for part in word.split(BLANK) if part]
        if BLANK in word
        else [word.translate(_LITERAL)]
    )


def combined(lists: Iterable[list[str]]) -> list[str]:
    """Pieces side by side make one word; a piece that stands for several words makes several."""
    return ["".join(parts) for parts in list(product(*lists))[:_MOST_WORDS]]


def _range(inner: str) -> list[str]:
    ends = inner.split("..")
    if len(ends) == 2 and all(end.isdecimal() for end in ends):
        low, high = sorted(map(int, ends))
        return [str(number) for number in range(low, min(high, low + 200) + 1)]
    if len(ends) == 2 and all(len(end) == 1 for end in ends):
        low, high = sorted(map(ord, ends))
        return [chr(code) for code in range(low, high + 1)]
    return [ANY]


def _bare(found: re.Match[str]) -> str:
    if found[1]:
        return ""
    return found[2] if found[2] else found[3].translate(_UNQUOTED)


def _ansi(found: re.Match[str]) -> str:
    for group, base in ((1, 16), (2, 16), (3, 16), (4, 8)):
        if found[group]:
            return chr(min(int(found[group], base), 0x10FFFF))
    return _ESCAPES.get(found[5], found[5])


def _unbracketed(word: str) -> str:
    """`[a]` in a glob becomes `?`."""
    return re.sub(r"\[[^\]]+\]", "?", word)
