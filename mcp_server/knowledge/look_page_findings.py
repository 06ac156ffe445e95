"""Faults inside pages: dead links and anchors, unknown tools and commands, old pages, incidents without a runbook.

The pages are those of a clone's indexed folders, and the shipped runbooks.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from shlex import quote
from typing import Final

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.finding import Finding
from mcp_server.kernel.markdown.page import MarkdownPage, read_page
from mcp_server.knowledge.anchors import anchor_of, anchors_of, links_of
from mcp_server.knowledge.look_indexes import ONLY_REPORTED, local_target
from mcp_server.knowledge.look_pages import INCIDENT_DOCS, NEVER_INDEXED, OPS_DOCS
from mcp_server.knowledge.look_rendered import known_commands, shipped_texts
from mcp_server.operation.context import Context
from mcp_server.search import page_of
from mcp_server.search.page_folder import LARGEST_PAGE
from mcp_server.system.files import Files

REVIEW_AFTER: Final = timedelta(days=180)
_NOT_LOOKED_INTO = frozenset({"archive"})
_URL = re.compile(r"[A-Za-z][\w+.-]*:|//")
_NAMED_PAGE = re.compile(r"([\w-]+)\.md\b|`([\w-]+)`")


@dataclass(frozen=True)
class _Page:
    """`path` is relative to `root`. `reported`: ops does not change this page, and only reports on it."""

    root: Path
    path: str
    text: str
    content: MarkdownPage
    reported: bool = False

    @property
    def file(self) -> Path:
        return self.root / self.path

    @property
    def indexed(self) -> bool:
        return not any(part in NEVER_INDEXED for part in Path(self.path).parts)

    def finding(self, code: str, line: int, what: str) -> Finding:
        message = f"{self.path}:{line}: {what}"
        if self.reported:
            return Finding(code, "notice", message, f"Tell the owner of {self.path}: ops only reports on it")
        return Finding(code, "warning", message, f"Correct line {line} of {self.path}")


def page_faults(ctx: Context, clone: Path) -> tuple[Finding, ...]:
    """The faults of the pages in a clone's docs."""
    unread: list[Finding] = []
    pages = [*_pages(ctx.world.files, clone, unread)]
    ours = [page for page in pages if page.path.startswith(f"{OPS_DOCS}/") and page.indexed]
    incidents = [page for page in pages if page.path.startswith(f"{INCIDENT_DOCS}/") and page.indexed]
    known = {Path(path).stem for path in (*shipped_texts(ctx.world), *(page.path for page in ours))}
    lonely = (_without_page(page) for page in incidents if not _names_a_page(page, known))
    return (*unread, *_of_content(ctx, pages), *_old(ctx, clone, ours), *lonely)


def shipped_page_faults(ctx: Context) -> tuple[Finding, ...]:
    """The faults of the shipped pages; one finding reports the age of all."""
    texts, today = shipped_texts(ctx.world), ctx.world.clock.now().date()
    pages = [_Page(ctx.world.pack, path, text, read_page(text)) for path, text in texts.items()]
    old = [(day, page.path) for page in pages if (day := _reviewed(page)) and today - day > REVIEW_AFTER]
    if not old:
        return tuple(_of_content(ctx, pages))
    message = f"{len(old)} shipped pages were not reviewed for {REVIEW_AFTER.days} days, longest {min(old)[1]}"
    return (*_of_content(ctx, pages), Finding("page_stale", "notice", message, "Update this plugin"))


def _pages(files: Files, clone: Path, unread: list[Finding]) -> Iterator[_Page]:
    for below in (OPS_DOCS, INCIDENT_DOCS, *ONLY_REPORTED):
        for path in files.markdown(clone / below, _NOT_LOOKED_INTO):
            try:
                text = files.read_text(path, LARGEST_PAGE)
            except OpsError as error:
                if path.name != "INDEX.md":  # reported with the indexes
                    unread.append(Finding("page_unreadable", "warning", error.message, error.next))
                continue
            name = path.relative_to(clone).as_posix()
            yield _Page(clone, name, text, read_page(text), reported=below in ONLY_REPORTED)


def _of_content(ctx: Context, pages: list[_Page]) -> Iterator[Finding]:
    known = known_commands(ctx)
    anchors = cache(partial(_anchors, ctx.world.files))
    for page in pages:
        yield from _dead_links(ctx.world.files, page, anchors)
        for line, name in known.unknown_in(page.content):
            yield page.finding("page_names_unknown", line, f"{name} does not exist")


def _dead_links(files: Files, page: _Page, anchors: Callable[[Path], frozenset[str] | None]) -> Iterator[Finding]:
    for link in links_of(page.content.body):
        target = local_target(page.root, page.file.parent, link.target) or page.file
        anchor, what = anchor_of(link.target), shown(link.target)
        if _URL.match(link.target):
            continue
        if not target.is_relative_to(page.root) or files.kind(target) == "absent":
            if page.file.name != "INDEX.md":  # reported with the indexes
                yield page.finding("page_link_dead", link.line, f"{what} is not in the repository")
        elif anchor and (known := anchors(target)) is not None and anchor not in known:
            yield page.finding("page_anchor_dead", link.line, f"{what} names a heading that does not exist")


def _anchors(files: Files, path: Path) -> frozenset[str] | None:
    """None for a file that is not a page, or cannot be read."""
    try:
        return anchors_of(read_page(files.read_text(path, LARGEST_PAGE)).body) if path.suffix == ".md" else None
    except OpsError:
        return None


def _old(ctx: Context, clone: Path, pages: list[_Page]) -> Iterator[Finding]:
    days = {page.path: day for page in pages if (day := _reviewed(page))}
    changed: Mapping[Path, datetime] = {}
    if len(days) < len(pages):
        try:
            changed = ctx.world.git.last_changes(clone, clone / OPS_DOCS)
        except OpsError as error:
            message = f"the age of {len(pages) - len(days)} pages is unknown: {error.message}"
            yield Finding("page_stale", "notice", message, error.next)
    today = ctx.world.clock.now().date()
    for page in pages:
        when = changed.get(page.file)
        day = days.get(page.path) or (when.astimezone(UTC).date() if when else today)
        if today - day > REVIEW_AFTER:
            how = "reviewed" if page.path in days else "changed"
            message = f"{page.path} was last {how} on {day}, {(today - day).days} days ago"
            step = f"Try its steps, correct them, and set `reviewed: {today}` in its front matter"
            yield Finding("page_stale", "notice", message, step)


def _reviewed(page: _Page) -> date | None:
    value = page.content.front.values.get("reviewed")
    if isinstance(value, datetime):
        return value.date()
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        return None


def _names_a_page(page: _Page, known: set[str]) -> bool:
    named = {name for pair in _NAMED_PAGE.findall(page.text) for name in pair}
    return bool(page.content.front.values.get("runbooks")) or "/ops:" in page.text or not named.isdisjoint(known)


def _without_page(page: _Page) -> Finding:
    title = page_of(page.path, page.text).title
    step = f"Find the page: ops index check {quote(title[:200])}; without one, write it: ops runbook add"
    return Finding("incident_without_runbook", "notice", f"{page.path} names no runbook", step)
