"""Split text into terms: runbooks, problems in someone's words, pasted log lines.

Numbers are kept, and so are the small words that reverse a meaning (no, not, more, less, ...). A compound name
(`KubeAPIDown`, `target_limit`, `virt-api`) gives its parts and the whole.
"""

import unicodedata
from typing import NamedTuple

from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.search.stem import stem

_NAME = lazy_pattern(r"[^\W_]+(?:[._\-]+[^\W_]+)*")
_PART = lazy_pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+[a-z]{0,3}(?![a-zA-Z])|\d+|[^\W\d_]+")
_CAMEL = lazy_pattern(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z](?!\b)|[A-Z]{2}[a-rt-z]")
_JOINT = lazy_pattern(r"[._\-]+")
_LONGEST = 64

_STOP_WORDS = """
    a about am an and are as at be been being but by can could did do does for from had has have he her hi how i if
    in into is it its just me my of on or our please s she so some such t than that the their them then there these
    they this those to too up us was we were what when where which while who why will with would you your
"""
STOP = frozenset(_STOP_WORDS.split())


class Word(NamedTuple):
    """One written name: the terms of its `parts`, stop words left out; `whole` is all of it as one term, `initials`
    its parts' first letters (VirtualMachineInstance: vmi); both are "" for a plain word."""

    parts: tuple[str, ...]
    whole: str = ""
    initials: str = ""


_known: dict[str, Word] = {}
_KNOWN_LIMIT = 200_000


def words_of(text: str) -> list[Word]:
    """The words of `text` in order, without names that consist of stop words."""
    text = text.replace("’", "'").replace("cannot", "can not").replace("n't", " not")
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return [word for name in _NAME.findall(text) if (word := _word(name)).parts]


def terms_of(text: str) -> list[str]:
    """The terms of `text` in order: the parts of each name, then the whole and the initials."""
    return [term for word in words_of(text) for term in (*word.parts, word.whole, word.initials) if term]


def _word(name: str) -> Word:
    word = _known.get(name)
    if word is None:
        if len(_known) > _KNOWN_LIMIT:
            _known.clear()
        word = _known[name] = _split(name)
    return word


def _split(name: str) -> Word:
    pieces = [piece for atom in _JOINT.split(name) for piece in _pieces(atom)]
    lower = [piece.lower()[:_LONGEST] for piece in pieces]
    if len(pieces) == 1:
        return Word(() if lower[0] in STOP else (stem(lower[0]),))
    parts = tuple(stem(piece) for piece in lower if len(piece) > 1 and piece not in STOP)
    return Word(parts, stem("".join(lower)[:_LONGEST]), _initials(pieces) if name.isalpha() else "")


def _initials(pieces: list[str]) -> str:
    letters = "".join(piece if piece.isupper() else piece[0] for piece in pieces).lower()
    return letters if len(pieces) > 2 and len(letters) < 7 else ""


def _pieces(atom: str) -> list[str]:
    return _PART.findall(atom) if atom.isascii() and _CAMEL.search(atom) else [atom]
