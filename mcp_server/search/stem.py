"""English word stems by Porter's algorithm (M. F. Porter, 1980, https://tartarus.org/martin/PorterStemmer/def.txt)."""

from mcp_server.kernel.lazy_pattern import lazy_pattern

_SHORT = 3
_VOWEL = "[aeiou]|(?<=[^aeiou])y"
_MEASURE = lazy_pattern(f"(?:{_VOWEL})+(?:(?!{_VOWEL}).)+")
_HAS_VOWEL = lazy_pattern(_VOWEL)
_CVC = lazy_pattern(f"(?:^|(?!{_VOWEL}).)(?!{_VOWEL}).(?:{_VOWEL})(?!{_VOWEL})[^wxy]$")
_DOUBLE = lazy_pattern(r"([^aeioulsz])\1$")

_STEP2 = (
    ("ational", "ate"), ("ization", "ize"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"),
    ("tional", "tion"), ("biliti", "ble"), ("ation", "ate"), ("alism", "al"), ("aliti", "al"), ("iviti", "ive"),
    ("entli", "ent"), ("ousli", "ous"), ("ator", "ate"), ("alli", "al"), ("enci", "ence"), ("anci", "ance"),
    ("izer", "ize"), ("abli", "able"), ("eli", "e"),
)  # fmt: skip
_STEP3 = (
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ness", ""), ("ful", ""),
)  # fmt: skip
_STEP4 = (
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize",
    "ion", "al", "er", "ic", "ou",
)  # fmt: skip


def stem(word: str) -> str:
    """The stem of one lower-case word; words with a digit or a letter outside a-z stay as they are."""
    if len(word) < _SHORT or not (word.isascii() and word.isalpha()):
        return word
    word = _past(_plural(word))
    if word.endswith("y") and _HAS_VOWEL.search(word[:-1]):
        word = word[:-1] + "i"
    word = _replace(word, _STEP2)
    word = _replace(word, _STEP3)
    return _tidy(_cut(word))


def _measure(part: str) -> int:
    return len(_MEASURE.findall(part))


def _plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _past(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) else word
    for ending in ("ed", "ing"):
        root = word.removesuffix(ending)
        if root != word and _HAS_VOWEL.search(root):
            return _restored(root)
    return word


def _restored(root: str) -> str:
    if root.endswith(("at", "bl", "iz")):
        return root + "e"
    if _DOUBLE.search(root):
        return root[:-1]
    return root + "e" if _measure(root) == 1 and _CVC.search(root) else root


def _replace(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    for ending, new in endings:
        if word.endswith(ending):
            root = word[: -len(ending)]
            return root + new if _measure(root) else word
    return word


def _cut(word: str) -> str:
    for ending in _STEP4:
        if word.endswith(ending):
            root = word[: -len(ending)]
            whole = ending == "ion" and not root.endswith(("s", "t"))
            return word if whole or _measure(root) < 2 else root
    return word


def _tidy(word: str) -> str:
    if word.endswith("e"):
        size = _measure(word[:-1])
        if size > 1 or (size == 1 and not _CVC.search(word[:-1])):
            word = word[:-1]
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word
