"""What a query of the index costs, by the number of pages and by the size of one page, against SQLite's FTS5."""

import random
from collections.abc import Callable, Iterator, Sequence

from benchmarks.figures import Figure, compared
from benchmarks.labelled import FLEET, read_pages, read_questions
from benchmarks.retrieval import fts5, grown
from mcp_server.search import Index, Page
from mcp_server.search.page import page_of

Find = Callable[[str], object]
SMALL, LARGE = 82, (10, 50, 275)
"Pages beside a long one, and kilobytes of that one."
_QUESTIONS = 20


def by_pages(sizes: Sequence[int], rounds: int) -> Iterator[Figure]:
    """Queries of collections of these sizes."""
    pages = read_pages(FLEET)
    for size in sizes:
        collection = grown(pages, size)
        yield from _queries(f"index, {size:,} pages", Index.build(collection), ("FTS5", fts5(collection)), rounds)


def by_length(rounds: int) -> Iterator[Figure]:
    """Queries of small pages and one long one, against the same number of small pages."""
    pages = grown(read_pages(FLEET), SMALL)
    small = Index.build(pages)
    for kilobytes in LARGE:
        index = Index.build([*pages[1:], _long(pages, kilobytes)])
        name = f"index, one of {SMALL} pages has {kilobytes} kB"
        yield from _queries(name, index, ("without it", small.search), rounds)


def _queries(name: str, index: Index, base: tuple[str, Find], rounds: int) -> Iterator[Figure]:
    """One figure: the mean of a query over all questions."""
    texts, (base_name, find) = _texts(), base
    ways = {base_name: lambda: [find(text) for text in texts], name: lambda: [index.search(text) for text in texts]}
    for figure in compared(ways, rounds, {}):
        yield Figure(name, figure.taken / len(texts), base_name, figure.base / len(texts))


def _texts() -> list[str]:
    questions = read_questions(FLEET)
    return [question.text for question in questions[:: max(1, len(questions) // _QUESTIONS)]]


def _long(pages: Sequence[Page], kilobytes: int) -> Page:
    """A page of one section with lines of all the others, so that it matches every question."""
    lines = [line for page in pages for section in page.sections for line in section.body.splitlines() if line]
    chance, text = random.Random(kilobytes), ["# Everything"]
    size = 0
    while size < 1000 * kilobytes:
        text.append(chance.choice(lines).lstrip("#`~ "))
        size += len(text[-1]) + 1
    return page_of("long.md", "\n".join(text))
