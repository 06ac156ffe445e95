"""What tells pages apart that are nearly the same."""

import pytest

from mcp_server.search import rank
from mcp_server.search.index import Corpus, entry_of
from mcp_server.search.page import page_of
from mcp_server.search.query import query_of
from mcp_server.search.rank import Features, candidates

NAMES = ("Disk full warning", "Disk full critical", "Disk full predicted", "Disk slow warning")


def features(problem: str) -> dict[str, Features]:
    corpus = Corpus(entry_of(page_of(f"{number}.md", f"# {name}\n\nText.")) for number, name in enumerate(NAMES))
    found = candidates(corpus, query_of(corpus, problem))
    return {candidate.entry.page.title: candidate.features for candidate in found}


def test_a_word_in_few_of_the_candidates_names_tells_more_than_one_in_most() -> None:
    found = features("critical disk")
    assert found["Disk full critical"].named > 0.8
    assert 0 < found["Disk full warning"].named < 0.2


def test_a_name_that_says_more_than_was_asked_is_the_worse_name() -> None:
    found = features("disk full")
    assert found["Disk full critical"].name < 1
    assert features("disk full critical")["Disk full critical"].name > found["Disk full critical"].name


def test_neighbours_of_the_question_count_where_they_stand_together() -> None:
    near = page_of("near.md", "# One\n\nThe lock file of git is stale.")
    far = page_of("far.md", "# Two\n\nThe lock " + "is held by one who waits " * 5 + "and the file is stale.")
    corpus = Corpus(map(entry_of, (near, far)))
    found = {c.entry.page.path: c.features.near for c in candidates(corpus, query_of(corpus, "lock file"))}
    assert found == {"near.md": 1.0, "far.md": 0.0}


def test_a_long_section_is_read_as_a_short_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "The stale lock file of git: files are locked.\n" * 600 + "A login that expired: log in again, git.\n"
    pages = [page_of("long.md", f"# Everything\n\n{lines}"), page_of("short.md", "# Lock\n\nThe file of a login.")]
    corpus = Corpus(map(entry_of, pages))
    problems = ("lock file", "expired login, log in again", "files git locked", "nothing of that")
    found = [candidates(corpus, query_of(corpus, problem)) for problem in problems]
    monkeypatch.setattr(rank, "_LONG", 10**9)
    assert found == [candidates(corpus, query_of(corpus, problem)) for problem in problems]
    assert any(candidate.entry.page.path == "long.md" for candidate in found[0])
