"""Rank the pages of an index for a query."""

import heapq
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from mcp_server.search.index import K1, Corpus, Entry
from mcp_server.search.query import Concept, Query

CANDIDATES = 24
_NEAR = 5
_LONG = 20_000
"Characters from which on the places of a section's terms are kept: it is read for nearly every query."


class Features(NamedTuple):
    """The evidence for a page, each a share of what the query could have matched (0..1, or a little above)."""

    page: float
    section: float
    named: float
    name: float
    near: float


class Candidate(NamedTuple):
    """An entry with its features, its best section's number (-1: none), and the numbers of the concepts it has."""

    entry: Entry
    features: Features
    section: int
    found: frozenset[int]


def candidates(corpus: Corpus, query: Query) -> list[Candidate]:
    """The most promising pages, in no particular order."""
    totals = _totals(corpus, query)
    best = heapq.nlargest(CANDIDATES, totals, key=totals.__getitem__)
    siblings = _Siblings(query, [corpus.entries[number] for number in best])
    reader = _Reader(query, corpus.section_average)
    return [_candidate(siblings, reader, corpus.entries[number], totals[number] / reader.mass) for number in best]


def _totals(corpus: Corpus, query: Query) -> dict[int, float]:
    """The BM25 score of every page that contains a word of the query."""
    totals: dict[int, float] = {}
    norms = corpus.norms
    for concept in query.concepts:
        weight = concept.weight
        for number, times in _occurrences(corpus, concept).items():
            totals[number] = totals.get(number, 0.0) + weight * times / (times + norms[number])
    return totals


def _occurrences(corpus: Corpus, concept: Concept) -> "dict[int, int] | dict[int, float]":
    if len(concept.terms) == 1:
        return corpus.postings[next(iter(concept.terms))]
    merged: dict[int, float] = {}
    for term, strength in concept.terms.items():
        for number, times in corpus.postings[term].items():
            merged[number] = merged.get(number, 0.0) + strength * times
    return merged


def _candidate(siblings: "_Siblings", reader: "_Reader", entry: Entry, total: float) -> Candidate:
    texts = (*map(" ".join, zip(entry.headings, entry.bodies, strict=True)), *entry.names)
    readings = [reader.read(text) for text in texts]
    sections = range(len(entry.bodies))
    best = max(sections, key=lambda number: readings[number].score, default=-1)
    score = max(reading.score for reading in readings)
    near = max(reading.near for reading in readings)
    found = frozenset[int]().union(*(reading.found for reading in readings))
    return Candidate(entry, Features(total, score, *siblings.shares(entry), near), best, found)


class _Siblings:
    """Weighs words by how few of the best pages have them in their names: this separates sibling pages."""

    def __init__(self, query: Query, entries: list[Entry]) -> None:
        self._names = [set(" ".join(entry.names).split()) for entry in entries]
        holders = Counter(term for name in self._names for term in name)
        by_count = {count: self._rarity(count) for count in set(holders.values())}
        self._rarities = {term: by_count[count] for term, count in holders.items()}
        self._query = query
        self._terms = {term for concept in query.concepts for term in concept.terms}
        self._weights = [self._weight(concept) for concept in query.concepts]
        self._mass = sum(self._weights) or 1.0

    def _weight(self, concept: Concept) -> float:
        holders = sum(1 for name in self._names if not name.isdisjoint(concept.terms))
        return self._rarity(holders) if holders else 0.0

    def _rarity(self, holders: int) -> float:
        return math.log(1 + (len(self._names) - holders + 0.5) / (holders + 0.5))

    def shares(self, entry: Entry) -> tuple[float, float]:
        """The share of the query in the page's name, and of the name in the query, for the best of its names."""
        return max((self._shares(set(name.split())) for name in entry.names), key=sum)

    def _shares(self, name: set[str]) -> tuple[float, float]:
        if self._terms.isdisjoint(name):
            return 0.0, 0.0
        got = sum(w * _strength(c, name) for c, w in zip(self._query.concepts, self._weights, strict=True) if w)
        weights = {term: self._rarities[term] for term in name}
        matched = sum(weight for term, weight in weights.items() if term in self._terms)
        return got / self._mass, matched / (sum(weights.values()) or 1.0)


def _strength(concept: Concept, terms: set[str]) -> float:
    return max((strength for term, strength in concept.terms.items() if term in terms), default=0.0)


class _Reading(NamedTuple):
    score: float
    near: float
    found: frozenset[int]


_NOTHING_READ = _Reading(0.0, 0.0, frozenset())


class _Reader:
    """Scores sections for one query: how much of it they contain, and how close its neighbouring words are."""

    def __init__(self, query: Query, average: float) -> None:
        self._average, self.mass = average, query.mass
        self._concepts: dict[str, list[tuple[int, float]]] = {}
        for number, concept in enumerate(query.concepts):
            for term, strength in concept.terms.items():
                self._concepts.setdefault(term, []).append((number, strength))
        self._weights = weights = [concept.weight for concept in query.concepts]
        self._pairs = [(a, b, weights[a] + weights[b]) for a, b in query.pairs]
        self._pair_mass = sum(weight for _, _, weight in self._pairs) or 1.0

    def read(self, joined: str) -> _Reading:
        """Score a section, given as terms joined by blanks."""
        length, found = self._found_in(joined)
        if not found:
            return _NOTHING_READ
        positions: dict[int, list[int]] = {}
        times: dict[int, float] = {}
        for position, term in found:
            for number, strength in self._concepts[term]:
                positions.setdefault(number, []).append(position)
                times[number] = times.get(number, 0.0) + strength
        norm = K1 * length / self._average
        score = sum(self._weights[n] * count / (count + norm) for n, count in times.items())
        return _Reading(score / self.mass, self._near(positions), frozenset(positions))

    def _found_in(self, joined: str) -> tuple[int, Sequence[tuple[int, str]]]:
        """The number of terms, and those of the query, in order, with their positions."""
        concepts = self._concepts
        if len(joined) >= _LONG:
            length, places = _places(joined)
            return length, sorted((at, term) for term in concepts.keys() & places.keys() for at in places[term])
        terms = joined.split()
        if concepts.keys().isdisjoint(terms):
            return len(terms), ()
        return len(terms), [(at, term) for at, term in enumerate(terms) if term in concepts]

    def _near(self, positions: dict[int, list[int]]) -> float:
        near = (
            w for a, b, w in self._pairs if a in positions and b in positions and _close(positions[a], positions[b])
        )
        return sum(near) / self._pair_mass


@lru_cache(maxsize=32)
def _places(joined: str) -> tuple[int, Mapping[str, Sequence[int]]]:
    """The number of terms of a long section, and where each of them is."""
    places: dict[str, list[int]] = {}
    terms = joined.split()
    for position, term in enumerate(terms):
        places.setdefault(term, []).append(position)
    return len(terms), places


def _close(left: list[int], right: list[int]) -> bool:
    """Whether two ascending lists have positions next to each other."""
    i = j = 0
    while i < len(left) and j < len(right):
        distance = left[i] - right[j]
        if -_NEAR <= distance <= _NEAR:
            return True
        i, j = (i + 1, j) if distance < 0 else (i, j + 1)
    return False
