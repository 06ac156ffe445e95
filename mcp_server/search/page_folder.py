"""Folders of markdown, and an index over them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mcp_server.search import Index

LARGEST_PAGE: Final = 500_000
"Bytes of a page; a larger one is told, and not read."


@dataclass(frozen=True)
class PageFolder:
    """Markdown below `path` to be searched: a page is named `prefix` and its path from `root`.

    `skip` are names left out and `seen_before` marks incidents. Where a folder `yields`, a page of the same problem
    in another goes before its own. The rows of a folder's INDEX.md give their pages symptoms and commands.
    """

    root: Path
    path: Path
    skip: frozenset[str]
    prefix: str = ""
    seen_before: bool = False
    yields: bool = False


@dataclass(frozen=True)
class Searched:
    """`unread` says of each page or folder that could not be read which and why."""

    index: Index
    unread: tuple[str, ...]
