"""What the search answers, and whether it is an answer at all."""

from collections.abc import Iterable
from typing import NamedTuple, Self

from .excerpt import excerpt
from .index import Corpus, Entry, entry_of
from .page import Page
from .query import Query, readings
from .rank import Candidate, candidates
from .weigh import MATCH, likelihood, order

_MOST = 120
"Characters of a title or heading: an answer stays short."


class Hit(NamedTuple):
    """A page that may help: `section` is the heading to read first, `excerpt` the words that matched, as written.

    `score` is how likely the page answers the problem, 0..1, comparable between queries and corpora; `seen_before`
    marks an incident. The order is that in which a reader acts.
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
    """Pages made findable.  It does not change; a new one from kept entries is cheap."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._corpus = Corpus(entries)

    @classmethod
    def build(cls, pages: Iterable[Page]) -> Self:
        """The index of `pages`, their words worked out anew."""
        return cls(map(entry_of, pages))

    def search(self, problem: str, limit: int = 5) -> Answer:
        """The pages for `problem`, best first, at most `limit`; ValueError when it is blank."""
        if not problem.strip():
            raise ValueError("the problem is empty")
        answers = (self._answer(query, limit) for query in readings(self._corpus, problem))
        return max(answers, key=lambda answer: answer.results[0].score if answer.results else 0.0)

    def documented(self, problem: str, limit: int) -> tuple[Hit, ...]:
        """The pages that answer `problem`, best first; an incident is none."""
        hits = self.search(problem, 2 * limit + 4).results if problem.strip() else ()
        return tuple(hit for hit in hits if hit.score >= MATCH and not hit.seen_before)[:limit]

    def _answer(self, query: Query, limit: int) -> Answer:
        found = sorted(candidates(self._corpus, query), key=order, reverse=True)[:limit]
        scores = [likelihood(candidate, query) for candidate in found]
        hits = [_hit(one, min(scores[: place + 1]), query) for place, one in enumerate(found)]
        return Answer(bool(hits) and hits[0].score >= MATCH, tuple(hits))


def _hit(candidate: Candidate, score: float, query: Query) -> Hit:
    page = candidate.entry.page
    wanted = {term for concept in query.concepts for term in concept.terms}
    body = page.sections[candidate.section].body if candidate.section >= 0 else ""
    heading = page.sections[candidate.section].heading if candidate.section >= 0 else ""
    title, said = page.title[:_MOST], excerpt(body, wanted)
    return Hit(title, page.command, page.path, heading[:_MOST], said, round(score, 3), page.seen_before)
