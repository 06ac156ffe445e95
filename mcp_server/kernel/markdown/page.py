"""A markdown page: its front matter, and its text in sections."""

from typing import NamedTuple

from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.kernel.markdown.front_matter import FrontMatter, front_matter
from mcp_server.kernel.markdown.outline import Section, outline

_LINE_END = lazy_pattern(r"\r\n|\r|\n")


class MarkdownPage(NamedTuple):
    """`lines` are those of the file, `body` has them with the front matter blanked: line numbers are the file's.

    `fences` are the line numbers of each fenced code block, the fences included.
    """

    lines: tuple[str, ...]
    front: FrontMatter
    body: str
    sections: tuple[Section, ...]
    fences: tuple[range, ...]

    def section(self, heading: str, level: int = 2) -> str:
        """The text below the first heading of this level and name, its subsections included; "" without one.

        A heading may go on after its name, as in "Timeline (UTC)".
        """
        found = self.lines_below(heading, level)
        return "\n".join(self.body.split("\n")[found.start : found.stop]).strip() if found else ""

    def lines_below(self, heading: str, level: int = 2) -> range | None:
        """Where that text is in `lines`, counted from 0; None without the heading."""
        name = f"{heading.casefold()} "
        named = (s for s in self.sections if s.level == level and f"{s.heading.casefold()} ".startswith(name))
        first = next(named, None)
        if first is None:
            return None
        following = (s.line for s in self.sections if s.line > first.line and s.level <= level)
        return range(first.line, next(following, len(self.lines) + 1) - 1)


def read_page(text: str) -> MarkdownPage:
    """Any text is a page; `front.error` says what is wrong with its front matter."""
    lines = _LINE_END.split(text.removeprefix("\ufeff"))
    front, end = front_matter(lines)
    body = [""] * end + lines[end:]
    return MarkdownPage(tuple(lines), front, "\n".join(body), *outline(body))
