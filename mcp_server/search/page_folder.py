"""Folders of markdown, and an index over them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mcp_server.search import Index

LARGEST_PAGE: Final = 500_000
"Bytes; a larger page is reported and not read."


@dataclass(frozen=True)
class PageFolder:
    """Markdown below `path` to search. A page is named by `prefix` and its path relative to `root`.

    `skip` are names to leave out, and `seen_before` marks incidents. If a folder `yields`, a page for the same
    problem in another folder replaces its page. The rows of a folder's INDEX.md give pages symptoms and commands.
    """

    root: Path
    path: Path
    skip: frozenset[str]
    prefix: str = ""
    seen_before: bool = False
    yields: bool = False


@dataclass(frozen=True)
class Searched:
    """`unread` names each page or folder that could not be read, and why."""

    index: Index
    unread: tuple[str, ...]
