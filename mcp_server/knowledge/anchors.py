"""The links of a page, and the anchors that links can name, as GitHub derives them from headings."""

import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt

from mcp_server.kernel.index_table import Link, read

_parser = MarkdownIt("commonmark")
_ID = re.compile(r"\b(?:id|name)\s*=\s*[\"']?([^\"'\s>]+)")
_MAY_LINK = re.compile(r"\]\(|\]:|<\w")


def links_of(body: str) -> tuple[Link, ...]:
    """Every link and image of a page. A cheap test comes first, because most pages have none."""
    return read(body).links if _MAY_LINK.search(body) else ()


def anchor_of(target: str) -> str | None:
    """The anchor of a link target, None for a target without one or that leads to the top of the page."""
    try:
        anchor = unquote(urlsplit(target).fragment)
    except ValueError:
        return None
    return _plain(anchor) if anchor and anchor != "top" else None


def anchors_of(body: str) -> frozenset[str]:
    """The anchors of a page: its headings, a repeated one with a number, and the ids in its HTML."""
    return frozenset((*_headings(body), *map(_plain, _ID.findall(body))))


def _headings(body: str) -> Iterator[str]:
    counts: dict[str, int] = {}
    tokens = _parser.parse(body)
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            text = "".join(child.content for child in token.children or [] if child.type != "html_inline")
            slug = _plain(re.sub(r"[^\w\- ]", "", text.strip()).replace(" ", "-"))
            times = counts[slug] = counts.get(slug, -1) + 1
            yield f"{slug}-{times}" if times else slug


def _plain(anchor: str) -> str:
    return re.sub(r"[^\w-]", "", anchor.casefold())
