"""The terms of each page, and the pages that contain each term."""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mcp_server.search.page import Page
from mcp_server.search.words import terms_of

K1 = 2.0
_B = 0.6
_TITLE_TIMES = 3
_PREFIX = 4
_BEGINNINGS = ("un", "in", "im", "dis", "mis", "non", "over", "re")
_ENDING = 3
_MOST_RELATED = 200


class Entry(NamedTuple):
    """A page with its terms, joined by blanks. Computing them is the costly half of an index.

    `names` has one item for the title and one for every symptom, `headings` and `bodies` one for every section; in a
    body, the terms of each of the section's `lines_of` are a line.
    """

    page: Page
    names: tuple[str, ...]
    headings: tuple[str, ...]
    bodies: tuple[str, ...]


def entry_of(page: Page) -> Entry:
    """The entry of one page. It depends on nothing else, so it is valid as long as the page is unchanged."""
    stem = page.path.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".md")
    first = page.sections[0].heading if page.sections else ""
    names = (f"{page.title}\n{first}\n{stem}", *page.symptoms)
    return Entry(
        page,
        tuple(_joined(name) for name in names),
        tuple(_joined(section.heading) for section in page.sections),
        tuple("\n".join(map(_joined, lines_of(section.body))) for section in page.sections),
    )


def lines_of(body: str) -> list[str]:
    """The lines of a section that are not blank."""
    return [line for written in body.splitlines() if (line := written.strip())]


def _joined(text: str) -> str:
    return " ".join(terms_of(text))


class Corpus:
    """Entries with their term statistics: `postings[term][n]` is how often entry `n` contains the term."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries: Sequence[Entry] = tuple(entries)
        self.postings: dict[str, dict[int, int]] = {}
        lengths: list[int] = []
        for number, entry in enumerate(self.entries):
            counts = _counts(entry)
            lengths.append(sum(counts.values()))
            for term, times in counts.items():
                self.postings.setdefault(term, {})[number] = times
        average = sum(lengths) / max(1, len(lengths)) or 1.0
        self.norms = [K1 * (1 - _B + _B * length / average) for length in lengths]
        self.section_average = sum(lengths) / max(1, sum(len(entry.bodies) for entry in self.entries)) or 1.0
        self.vocabulary = sorted(self.postings)

    def related(self, term: str) -> list[str]:
        """Known words with another short ending (config and configuration) or, for an unknown word, without its
        beginning (unready and ready)."""
        if len(term) < _PREFIX:
            return []
        start = bisect_left(self.vocabulary, term)
        longer = (word for word in self.vocabulary[start : start + _MOST_RELATED] if word.startswith(term))
        found = [word for word in longer if 0 < len(word) - len(term) <= _ENDING]
        shorter = (term[:size] for size in range(max(_PREFIX, len(term) - _ENDING), len(term)))
        found += [word for word in shorter if word in self.postings]
        return found if found or term in self.postings else [word for word in _bare(term) if word in self.postings]

    def idf(self, term: str) -> float:
        """Inverse document frequency: high for a rare term, near 0 for one on every page."""
        return self.rarity(len(self.postings.get(term, ())))

    def rarity(self, holders: int) -> float:
        """The idf of a term that `holders` pages contain."""
        return math.log(1 + (len(self.entries) - holders + 0.5) / (holders + 0.5))


def _bare(term: str) -> list[str]:
    rests = (term.removeprefix(beginning) for beginning in _BEGINNINGS if term.startswith(beginning))
    return [rest for rest in rests if len(rest) >= _PREFIX]


def _counts(entry: Entry) -> Counter[str]:
    counts: Counter[str] = Counter()
    for term in set(" ".join(entry.names).split()):
        counts[term] = _TITLE_TIMES
    for heading, body in zip(entry.headings, entry.bodies, strict=True):
        counts.update(heading.split())
        counts.update(body.split())
    return counts
