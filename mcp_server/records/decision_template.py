"""The template of a new decision record: the one that its folder has, else the outline of the records in it."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from mcp_server.kernel.markdown.page import MarkdownPage, read_page

# The headings of MADR, https://adr.github.io/madr/
MADR: Final = """\
---
status: proposed
date: YYYY-MM-DD
decision-makers: names
---

# Title

## Context and Problem Statement

## Considered Options

## Decision Outcome

### Consequences
"""
FILES: Final = ("template.md", "TEMPLATE.md", "_template.md", "adr-template.md", "templates/template.md")
"Where people keep the template, in the folder of the records."

_FENCED = re.compile(r"(?ms)^(`{3,}|~{3,})(?:markdown|md)?[ \t]*\n(.*?)^\1[ \t]*$")
_KNOWN = re.compile(
    r"(?:[-*+] |\| *)?\**(?:status|date|deciders|decision-makers|author|proposer|title|number|id)\**(?: *\||:)"
    r"|\|[-: |]+\|$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(\W*(?:ADR[-_ ]?)?)(\d+)([.: -]+)", re.IGNORECASE)


def template_in(readme: str) -> str | None:
    """The template in a README: the first fenced block of markdown with a title."""
    blocks = (found[2] for found in _FENCED.finditer(readme))
    return next((block for block in blocks if re.search(r"(?m)^# ", block)), None)


def outline_of(records: Sequence[str]) -> str | None:
    """The outline of the last of these records (texts, the oldest first): what it shares with the one before it.

    Of its front matter and the lines above the first heading it keeps those about status, date, title and people, and
    what stands in both records.
    """
    if not records:
        return None
    page = read_page(records[-1])
    before = read_page(records[-2]) if len(records) > 1 else page
    shared = set(before.lines) if len(records) > 1 else set[str]()
    front = page.lines[: _front_lines(page)]
    lines = [line for line in front if line.rstrip() == "---" or _KNOWN.match(line) or line in shared]
    return "\n".join([*lines, *([""] if lines else []), *_outline(page, shared, _headings(before))])


def _outline(page: MarkdownPage, shared: set[str], known: set[str]) -> Iterator[str]:
    own = _headings(page)
    kept = own & known if len(own & known) > 1 else own
    for section in page.sections:
        if section.level <= 1:
            if section.level:
                yield from (f"# {_without_number(section.heading)}", "")
            yield from (line for line in section.body.splitlines() if _KNOWN.match(line) or line in shared)
            yield ""
        elif section.heading in kept:
            yield from (f"{'#' * section.level} {section.heading}", "")


def _headings(page: MarkdownPage) -> set[str]:
    return {section.heading for section in page.sections if section.level > 1}


def _without_number(title: str) -> str:
    found = _NUMBER.match(title)
    return f"{found[1]}{'N' * len(found[2])}{found[3]}Title" if found else "Title"


def _front_lines(page: MarkdownPage) -> int:
    """How many lines the front matter takes."""
    return next((n for n, line in enumerate(page.body.split("\n")) if line), 0) if page.lines[0] == "---" else 0
