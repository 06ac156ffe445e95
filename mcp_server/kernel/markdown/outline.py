"""The sections and fenced code blocks of a page, read line by line.

It follows CommonMark for what people write in pages: both kinds of headings, fences, list items, quotes and comments
around them. It is read by lines because an index reads hundreds of pages: the full parser (markdown-it) takes ten
times as long. `tests/kernel/test_outline.py` compares both on every runbook and on generated pages.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from mcp_server.kernel.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_BLOCK = lazy_pattern(
    r"([ \t]*)(?:(?P<fence>`{3,}(?=[^`]*$)|~{3,})|(?P<atx>#{1,6})(?:[ \t]+(?P<text>.*?))??(?:[ \t]+#+)?[ \t]*$|"
    r"(?P<item>(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$))|(?P<quote>>[ \t]?)|(?P<comment><!--)|(?P<html></?[A-Za-z!?]))"
)
_BLANK = " \t"
_CODE = 4
"Columns by which a line is indented code."
_MARKS = frozenset("#`~-*+0123456789>=<")
_UNDERLINE = lazy_pattern(r" {0,3}(=+|-+)[ \t]*$")
_RULE = lazy_pattern(r"[ \t]*([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_MARKUP = lazy_pattern(r"[\\`*\[<]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")


class Section(NamedTuple):
    """`heading` is plain text and `body` is what stands below it, as written.

    `line` is the heading's, counted from 1, and `level` 1 to 6; text above the first heading has level 0 and is
    located by its first line.
    """

    heading: str
    body: str
    line: int
    level: int


class _Heading(NamedTuple):
    text: str
    level: int
    first: int
    last: int


class _Fence(NamedTuple):
    mark: str
    line: int
    quoted: bool

    def is_closed_by(self, line: str) -> bool:
        bare = line.strip(" \t>" if self.quoted else " \t")
        return len(bare) >= len(self.mark) and not bare.strip(self.mark[0])


class _Reader:
    """Where a line is: in a fence, in a comment, in a list item (from which column on), in a paragraph."""

    def __init__(self) -> None:
        self.headings: list[_Heading] = []
        self.fences: list[range] = []
        self._fence: _Fence | None = None
        self._comment = False
        self._item = 0
        "The column at which the text of the open list item begins; 0 outside of lists."
        self._paragraph = 0
        "The first line of the open paragraph; 0 without one, -1 for one inside a list item, quote or HTML."
        self._lines: Sequence[str] = ()

    def read(self, lines: Sequence[str]) -> None:
        self._lines = lines
        for number, line in enumerate(lines, 1):
            if self._fence or self._comment:
                self._inside(number, line)
            else:
                self._line(number, line)
        if self._fence:
            self._close(len(lines))

    def _inside(self, number: int, line: str) -> None:
        """A line while a fence or a comment is open; leaving its list item or quote closes a fence, too."""
        fence = self._fence
        if fence is None:
            self._comment, self._paragraph = "-->" not in line, 0
        elif fence.is_closed_by(line) and (self._item or _column(line) < _CODE):
            self._close(number)
        elif self._leaves(line, fence):
            self._close(number - 1)
            self._line(number, line)

    def _leaves(self, line: str, fence: _Fence) -> bool:
        if fence.quoted:
            return not line.lstrip().startswith(">")
        return bool(line.strip(_BLANK)) and _column(line) < self._item

    def _close(self, last: int) -> None:
        if self._fence:
            self.fences.append(range(self._fence.line, last + 1))
        self._fence = None

    def _line(self, number: int, line: str) -> None:
        if not line.strip(_BLANK):
            self._paragraph = 0
            return
        found = _BLOCK.match(line) if line.lstrip(_BLANK)[0] in _MARKS else None
        column = _column(line) if line[0] in " \t" else 0
        if self._paragraph > 0 and _UNDERLINE.match(line):
            self._underlined(number, line)
        elif column < _CODE and _RULE.match(line):
            self._item = self._paragraph = 0
        elif found is None or (column >= _CODE and not self._item) or self._goes_on(found):
            self._text(number, column)
        else:
            self._item = self._item if column >= self._item else 0
            self._marked(number, found, column)

    def _text(self, number: int, column: int) -> None:
        """Text left of an open list item goes on with its paragraph, or ends the list."""
        if column < self._item and self._paragraph == 0:
            self._item = 0
        if not self._paragraph and (self._item or column < _CODE):
            self._paragraph = -1 if self._item else number

    def _goes_on(self, found: re.Match[str]) -> bool:
        """Whether what looks like a list item is text: only an item that is numbered 1 ends a paragraph."""
        return self._paragraph > 0 and bool(found["item"]) and found["item"].strip(" \t.)") not in ("1", *"-*+")

    def _underlined(self, number: int, line: str) -> None:
        text = " ".join(part.strip() for part in self._lines[self._paragraph - 1 : number - 1])
        self.headings.append(_Heading(text, 1 if "=" in line else 2, self._paragraph, number))
        self._paragraph = 0

    def _marked(self, number: int, found: re.Match[str], column: int) -> None:
        self._paragraph = 0 if found["atx"] or found["fence"] else -1
        if found["atx"] and not self._item:
            self.headings.append(_Heading(found["text"] or "", len(found["atx"]), number, number))
        elif found["fence"]:
            self._fence = _Fence(found["fence"], number, quoted=False)
        elif found["item"]:
            self._item = self._item or column + len(found["item"])
            self._open_fence(number, found.string[found.end() :], quoted=False)
        elif found["quote"]:
            self._open_fence(number, found.string.lstrip("> \t"), quoted=True)
        elif found["comment"]:
            self._comment, self._paragraph = "-->" not in found.string, 0

    def _open_fence(self, number: int, rest: str, *, quoted: bool) -> None:
        """A fence on the first line of a list item, or in a quote."""
        if (found := _BLOCK.match(rest)) and found["fence"]:
            self._fence = _Fence(found["fence"], number, quoted)


def outline(lines: Sequence[str]) -> tuple[tuple[Section, ...], tuple[range, ...]]:
    """The sections of a page, one for each heading that is in no list or quote, and the lines of its fences."""
    reader = _Reader()
    reader.read(lines)
    return tuple(_sections(lines, reader.headings)), tuple(reader.fences)


def _sections(lines: Sequence[str], headings: Sequence[_Heading]) -> Iterator[Section]:
    begins = headings[0].first - 1 if headings else len(lines)
    first = next((n for n, line in enumerate(lines[:begins], 1) if line.strip(_BLANK)), 0)
    if first:
        yield Section("", "\n".join(lines[first - 1 : begins]).rstrip(), first, 0)
    ends = [*(heading.first - 1 for heading in headings), len(lines)][1:]
    for heading, end in zip(headings, ends, strict=True):
        yield Section(
            plain(heading.text), "\n".join(lines[heading.last : end]).strip("\n"), heading.first, heading.level
        )


def _column(line: str) -> int:
    lead = line[: len(line) - len(line.lstrip(_BLANK))]
    return len(lead.expandtabs(4))


def plain(text: str) -> str:
    """What a reader sees of one line of markdown."""
    if not _MARKUP.search(text):
        return text
    tokens = _parser().parseInline(text)[0].children or []
    return "".join(token.content for token in tokens if token.type != "html_inline").strip()


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415  few headings have markup

    return MarkdownIt("commonmark")
