"""A problem in someone's words, as the index understands it."""

from itertools import pairwise
from typing import NamedTuple

from .index import Corpus
from .words import Word, words_of

_MOST = 48
_RELATED = 0.5
_AGAIN = 0.5
_NUMBER = 0.1
"What an unknown number is missed, a word being 1: logs are full of times, ports and counts."


_LINES = 6
_FEWEST = 3


class Concept(NamedTuple):
    """One thing the query asks for: the terms that stand for it with how well they do (1 = the word itself).

    `extra` marks a second reading of words that already stand as concepts: it helps, but is not missed.
    """

    terms: dict[str, float]
    weight: float
    known: bool
    extra: bool = False


class Query(NamedTuple):
    """`pairs` are the neighbours: numbers of concepts that follow each other in the text. `telling` is what a word
    weighs that stands on one page alone."""

    concepts: tuple[Concept, ...]
    pairs: tuple[tuple[int, int], ...]
    telling: float = 1.0

    @property
    def mass(self) -> float:
        """What the whole query weighs, unknown words included."""
        return sum(concept.weight for concept in self.concepts if not concept.extra) or 1.0


def readings(corpus: Corpus, problem: str) -> list[Query]:
    """The queries that a pasted text may mean: all of it, and each of the lines the corpus knows most of."""
    lines = dict.fromkeys(line for line in problem.splitlines() if line.strip())
    if len(lines) < 2:
        return [query_of(corpus, problem)]
    known = {line: _known_mass(corpus, line) for line in lines}
    told = sorted((line for line in lines if known[line]), key=known.__getitem__, reverse=True)
    return [query_of(corpus, text) for text in (problem, *told[:_LINES])]


def _known_mass(corpus: Corpus, line: str) -> float:
    """What the words of a line weigh that pages have; 0 where they are too few to mean anything alone."""
    terms = {part for word in words_of(line) for part in word.parts}
    known = [corpus.idf(term) for term in terms if term in corpus.postings]
    return sum(known) * len(known) / len(terms) if len(known) >= _FEWEST else 0.0


def query_of(corpus: Corpus, problem: str) -> Query:
    """The query that `problem` is; of a long one the rarest words the corpus knows."""
    words = words_of(problem)
    order = [part for word in words for part in word.parts]
    chosen = _chosen(corpus, order)
    concepts = [_concept(corpus, term) for term in chosen]
    place = {term: number for number, term in enumerate(chosen)}
    pairs = {(place[a], place[b]) for a, b in pairwise(order) if a != b and a in place and b in place}
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
