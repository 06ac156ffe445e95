"""The few lines of a section that matched, as written."""

from collections.abc import Sequence

_LONGEST = 300


def excerpt(lines: Sequence[str], terms: Sequence[str], wanted: set[str]) -> str:
    """At most 300 characters of `lines`, from the first line where most of the `wanted` terms are close together.

    `terms` are those of each line, joined by blanks.
    """
    if not lines:
        return ""
    start, end = _best(lines, [wanted.intersection(line.split()) for line in terms])
    text = "\n".join(lines[start:end])
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _best(lines: Sequence[str], found: Sequence[set[str]]) -> tuple[int, int]:
    """The first window with the most distinct terms: its first line, and the line after its last.

    One pass, in which both ends only move forward: a section may have thousands of lines.
    """
    most, best, end, size = -1, (0, 0), 0, -1
    within: dict[str, int] = {}
    for start, line in enumerate(lines):
        while end == start or (end < len(lines) and size + 1 + len(lines[end]) <= _LONGEST):
            for term in found[end]:
                within[term] = within.get(term, 0) + 1
            size += 1 + len(lines[end])
            end += 1
        if len(within) > most:
            most, best = len(within), (start, end)
        size -= 1 + len(line)
        for term in found[start]:
            within[term] -= 1
            if not within[term]:
                del within[term]
    return best
