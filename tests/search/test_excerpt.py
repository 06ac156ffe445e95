"""The excerpt: what a reader sees of a section, found in one pass over its lines."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import overload

from hypothesis import given
from hypothesis import strategies as st

from mcp_server.search import Page, entry_of
from mcp_server.search.excerpt import excerpt
from mcp_server.search.index import lines_of
from mcp_server.search.page import page_of

WORDS = st.sampled_from(["login", "token", "x", "lock " * 30, "container"])


def slow(lines: Sequence[str], terms: Sequence[str], wanted: set[str]) -> str:
    """The same by trying every window from every line."""
    best, text = -1, ""
    for start in range(len(lines)):
        end = start + 1
        while end < len(lines) and len("\n".join(lines[start : end + 1])) <= 300:
            end += 1
        found = len({term for line in terms[start:end] for term in line.split()} & wanted)
        if found > best:
            best, text = found, "\n".join(lines[start:end])
    return text if len(text) <= 300 else text[:299].rstrip() + "…"


@given(st.lists(st.lists(WORDS, min_size=1, max_size=8).map(" ".join), max_size=40), st.sets(WORDS))
def test_the_excerpt_is_the_first_window_with_the_most_terms(lines: list[str], wanted: set[str]) -> None:
    assert excerpt(lines, lines, wanted) == slow(lines, lines, wanted)


class Counted(Sequence[str]):
    """Lines that count how often they are read."""

    def __init__(self, lines: list[str]) -> None:
        self.lines, self.reads = lines, Counter[str]()

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        self.reads["lines"] += len(self.lines[at]) if isinstance(at, slice) else 1
        return self.lines[at]

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[str]:
        self.reads["lines"] += len(self.lines)
        return iter(self.lines)


def test_a_long_section_is_read_a_fixed_number_of_times() -> None:
    lines = Counted(["login" if number % 7 == 0 else "x" for number in range(5_000)])
    assert "login" in excerpt(lines, lines.lines, {"login", "absent"})
    assert lines.reads["lines"] < 6 * len(lines)


def test_the_terms_of_a_section_are_kept_by_line() -> None:
    page: Page = page_of("a.md", "# Locks\n\nThe lock is held.\n\n---\n\n  Remove index.lock\n")
    section, entry = page.sections[0], entry_of(page)
    lines, terms = lines_of(section.body), entry.bodies[0].split("\n")
    assert lines == ["The lock is held.", "---", "Remove index.lock"]
    assert [line.split() for line in terms] == [["lock", "held"], [], ["remov", "index", "lock", "indexlock"]]
