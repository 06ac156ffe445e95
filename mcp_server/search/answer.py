"""Search an index: the best pages for a problem, and whether any of them answers it."""

from collections.abc import Iterable
from typing import NamedTuple, Self

from mcp_server.search.excerpt import excerpt
from mcp_server.search.index import Corpus, Entry, entry_of
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
        answers = (self._answer(query, limit) for query in readings(self._corpus, problem))
        return max(answers, key=lambda answer: answer.results[0].score if answer.results else 0.0)

    def documented(self, problem: str, limit: int) -> tuple[Hit, ...]:
        """The pages that answer `problem`, best first, without incidents."""
        hits = self.search(problem, 2 * limit + 4).results if problem.strip() else ()
        return tuple(hit for hit in hits if hit.score >= MATCH and not hit.seen_before)[:limit]

    def _answer(self, query: Query, limit: int) -> Answer:
        found = sorted(candidates(self._corpus, query), key=order, reverse=True)[:limit]
        scores = [likelihood(candidate, query) for candidate in found]
        hits = [_hit(one, min(scores[: rank + 1]), query) for rank, one in enumerate(found)]
        return Answer(bool(hits) and hits[0].score >= MATCH, tuple(hits))


def _hit(candidate: Candidate, score: float, query: Query) -> Hit:
    page = candidate.entry.page
    wanted = {term for concept in query.concepts for term in concept.terms}
    body = page.sections[candidate.section].body if candidate.section >= 0 else ""
    heading = page.sections[candidate.section].heading if candidate.section >= 0 else ""
    title, text = page.title[:_MOST], excerpt(body, wanted)
    return Hit(title, page.command, page.path, heading[:_MOST], text, round(score, 3), page.seen_before)
