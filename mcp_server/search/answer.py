"""Search an index: the best pages for a problem, and whether any of them answers it."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple, Self

from mcp_server.search.excerpt import excerpt
from mcp_server.search.index import Corpus, Entry, entry_of, lines_of
from mcp_server.search.page import Page
from mcp_server.search.query import Query, readings
from mcp_server.search.rank import Candidate, candidates
from mcp_server.search.weigh import MATCH, likelihood, order

_MOST = 120
"Longest title or heading in an answer, in characters."


class Hit(NamedTuple):
    """A page that may help: `section` is the heading to read first, `excerpt` the text that matched, as written.

    `score` is how likely the page answers the problem, 0..1, comparable between queries and corpora; `seen_before`
    marks an incident. Fields are in the order in which a reader needs them.
    """

    title: str
    command: str | None
    path: str
    section: str
    excerpt: str
    score: float
    seen_before: bool


class Answer(NamedTuple):
    """`match` false: nothing is documented, and `results` are the closest pages, not answers."""

    match: bool
    results: tuple[Hit, ...]


class Index:
    """An immutable index of pages; building a new one from existing entries is cheap."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._corpus = Corpus(entries)

    @classmethod
    def build(cls, pages: Iterable[Page]) -> Self:
        """Index `pages`, computing the words of each."""
        return cls(map(entry_of, pages))

    def search(self, problem: str, limit: int = 5) -> Answer:
        """The pages for `problem`, best first, at most `limit`; ValueError when it is blank."""
        if not problem.strip():
            raise ValueError("the problem is empty")
        read = [_Ranked.by(self._corpus, query, limit) for query in readings(self._corpus, problem)]
        return max(read, key=lambda ranked: ranked.scores[0] if ranked.scores else 0.0).answer()

    def documented(self, problem: str, limit: int) -> tuple[Hit, ...]:
        """The pages that answer `problem`, best first, without incidents."""
        hits = self.search(problem, 2 * limit + 4).results if problem.strip() else ()
        return tuple(hit for hit in hits if hit.score >= MATCH and not hit.seen_before)[:limit]


class _Ranked(NamedTuple):
    """One reading of a problem: the best pages, each with its rounded score."""

    query: Query
    found: Sequence[Candidate]
    scores: Sequence[float]

    @classmethod
    def by(cls, corpus: Corpus, query: Query, limit: int) -> Self:
        found = sorted(candidates(corpus, query), key=order, reverse=True)[:limit]
        likely = accumulate((likelihood(candidate, query) for candidate in found), min)
        return cls(query, found, [round(score, 3) for score in likely])

    def answer(self) -> Answer:
        hits = tuple(_hit(one, score, self.query) for one, score in zip(self.found, self.scores, strict=True))
        return Answer(bool(hits) and hits[0].score >= MATCH, hits)


def _hit(candidate: Candidate, score: float, query: Query) -> Hit:
    page, section = candidate.entry.page, candidate.section
    wanted = {term for concept in query.concepts for term in concept.terms}
    heading = page.sections[section].heading if section >= 0 else ""
    lines = lines_of(page.sections[section].body) if section >= 0 else []
    terms = candidate.entry.bodies[section].split("\n") if lines else []
    title, text = page.title[:_MOST], excerpt(lines, terms, wanted)
    return Hit(title, page.command, page.path, heading[:_MOST], text, score, page.seen_before)
