"""A problem in someone's words as weighted terms of an index."""

from itertools import pairwise
from typing import NamedTuple

from mcp_server.search.index import Corpus
from mcp_server.search.words import Word, words_of

_MOST = 48
_RELATED = 0.5
_AGAIN = 0.5
_NUMBER = 0.1
"Weight of an unknown number; an unknown word has 1. Logs are full of times, ports and counts."
_LINES = 6
_FEWEST = 3


class Concept(NamedTuple):
    """One thing the query asks for: the terms that match it, each with its strength (1 for the word itself).

    `extra` marks another reading of words that are already concepts: a match helps, and a miss does not count.
    """

    terms: dict[str, float]
    weight: float
    known: bool
    extra: bool = False


class Query(NamedTuple):
    """`pairs` are neighbours: numbers of concepts that follow each other in the text. `rarest` is the weight of a
    word that only one page contains."""

    concepts: tuple[Concept, ...]
    pairs: tuple[tuple[int, int], ...]
    rarest: float = 1.0

    @property
    def mass(self) -> float:
        """The weight of the whole query, unknown words included."""
        return sum(concept.weight for concept in self.concepts if not concept.extra) or 1.0


def readings(corpus: Corpus, problem: str) -> list[Query]:
    """The queries that a pasted text may mean: all of it, and each of the lines with most known words."""
    lines = dict.fromkeys(line for line in problem.splitlines() if line.strip())
    if len(lines) < 2:
        return [query_of(corpus, problem)]
    known = {line: _known_mass(corpus, line) for line in lines}
    best = sorted((line for line in lines if known[line]), key=known.__getitem__, reverse=True)
    return [query_of(corpus, text) for text in (problem, *best[:_LINES])]


def _known_mass(corpus: Corpus, line: str) -> float:
    """The weight of the known words of a line; 0 if they are too few to mean anything alone."""
    terms = {part for word in words_of(line) for part in word.parts}
    known = [corpus.idf(term) for term in terms if term in corpus.postings]
    return sum(known) * len(known) / len(terms) if len(known) >= _FEWEST else 0.0


def query_of(corpus: Corpus, problem: str) -> Query:
    """Read `problem` as a query; a long one is cut to the rarest known words."""
    words = words_of(problem)
    order = [part for word in words for part in word.parts]
    chosen = _chosen(corpus, order)
    concepts = [_concept(corpus, term) for term in chosen]
    position = {term: number for number, term in enumerate(chosen)}
    pairs = {(position[a], position[b]) for a, b in pairwise(order) if a != b and a in position and b in position}
    concepts.extend(_second_readings(corpus, words, order))
    return Query(tuple(concepts), tuple(sorted(pairs)), corpus.rarity(1))


def _chosen(corpus: Corpus, order: list[str]) -> list[str]:
    distinct = list(dict.fromkeys(order))
    if len(distinct) <= _MOST:
        return distinct
    known = sorted((term for term in distinct if term in corpus.postings), key=corpus.idf, reverse=True)
    unknown = [term for term in distinct if term not in corpus.postings]
    share = _MOST * len(known) // len(distinct)
    keep = set(known[: max(share, _MOST // 2)]) | set(unknown[: _MOST // 2])
    return [term for term in distinct if term in keep]


def _concept(corpus: Corpus, term: str) -> Concept:
    related = dict.fromkeys(corpus.related(term), _RELATED)
    if term in corpus.postings:
        return Concept(related | {term: 1.0}, corpus.idf(term), True)
    if related:
        return Concept(related, max(map(corpus.idf, related)), True)
    return Concept({}, corpus.rarity(0) * (_NUMBER if any(map(str.isdigit, term)) else 1.0), False)


def _second_readings(corpus: Corpus, words: list[Word], order: list[str]) -> list[Concept]:
    found = [term for word in words for term in (word.whole, word.initials) if term]
    found += [a + b for a, b in pairwise(order)]
    known = [term for term in dict.fromkeys(found) if term in corpus.postings and term not in order]
    return [Concept({term: 1.0}, _AGAIN * corpus.idf(term), True, True) for term in known[:_MOST]]
