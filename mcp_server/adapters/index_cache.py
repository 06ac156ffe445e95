"""The search index over folders of markdown: kept in memory and on disk, never staler than the files.

What is kept is the words of each page, which are the costly part.  The disk's copy is replaced as a whole and has a
checksum: any number of processes may use it, and one that cannot be read is made anew.
"""

import json
import os
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from mcp_server.domain import search
from mcp_server.domain.errors import OpsError
from mcp_server.domain.search import Entry, Index, Page, Section, entry_of, page_of
from mcp_server.ports import Files

_LARGEST_PAGE = 1_000_000
_LARGEST_CACHE = 500_000_000

Rows = Mapping[str, tuple[tuple[str, ...], str | None]]
"For pages of a folder, by their relative path: symptoms and command that an index table adds."


class Source(NamedTuple):
    """A page to be: `stamp` differs whenever `load` would give something else."""

    key: str
    stamp: str
    load: Callable[[], Page]


def sources_in(
    files: Files, folder: Path, rows: Rows | None = None, *, seen_before: bool = False
) -> Iterator[Source]:
    """The markdown below `folder`, in the order of its paths; links are not followed.

    A page is named by its path in the folder.  One that cannot be read as text is still found, by its name.
    """
    for name, found in sorted(_markdown(folder, "")):
        row = (rows or {}).get(name, ((), None))
        stamp = f"{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}:{row}:{seen_before}"
        yield Source(f"{folder}/{name}", stamp, _loader(files, folder, name, row, seen_before=seen_before))


def _markdown(folder: Path, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError), os.scandir(folder / prefix) as entries:
        for entry in entries:
            name = prefix + entry.name
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                yield from _markdown(folder, name + "/")
            elif entry.name.endswith(".md"):
                with suppress(FileNotFoundError):
                    found = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(found.st_mode):
                        yield name, found


def _loader(
    files: Files, folder: Path, name: str, row: tuple[tuple[str, ...], str | None], *, seen_before: bool
) -> Callable[[], Page]:
    def load() -> Page:
        try:
            text = files.read(folder / name, _LARGEST_PAGE).decode("utf-8-sig", "replace")
        except OpsError:
            text = ""
        return page_of(name, text, *row)._replace(seen_before=seen_before)

    return load


class IndexCache:
    """Gives the index of some sources, working out only what changed since the last time."""

    def __init__(self, files: Files, folder: Path) -> None:
        self._files, self._folder = files, folder
        self._built: dict[str, tuple[dict[str, str], Index]] = {}

    def index(self, name: str, sources: Iterable[Source]) -> Index:
        """The index of `sources` as they are now; `name` (letters, digits, "-") tells this set from others."""
        wanted = list(sources)
        stamps = {source.key: source.stamp for source in wanted}
        built = self._built.get(name)
        if built and built[0] == stamps:
            return built[1]
        kept = self._read(name)
        fresh = {source.key: self._entry(source, kept) for source in wanted}
        if {key: stamp for key, (stamp, _) in kept.items()} != stamps:
            self._write(name, fresh)
        index = Index(entry for _, entry in fresh.values())
        self._built[name] = stamps, index
        return index

    def _entry(self, source: Source, kept: dict[str, tuple[str, Entry]]) -> tuple[str, Entry]:
        known = kept.get(source.key)
        return known if known and known[0] == source.stamp else (source.stamp, entry_of(source.load()))

    def _path(self, name: str) -> Path:
        return self._folder / f"index-{name}.json"

    def _read(self, name: str) -> dict[str, tuple[str, Entry]]:
        try:
            head, _, body = self._files.read(self._path(name), _LARGEST_CACHE).partition(b"\n")
            if head != _seal(body):
                return {}
            rows = cast("list[list[Any]]", json.loads(body))
            return {key: (stamp, _entry_from(entry)) for key, stamp, entry in rows}
        except (OpsError, ValueError, TypeError, IndexError):
            return {}

    def _write(self, name: str, entries: dict[str, tuple[str, Entry]]) -> None:
        body = json.dumps([(key, *entry) for key, entry in entries.items()], ensure_ascii=False).encode(
            "utf-8", "surrogatepass"
        )
        with suppress(OpsError):  # without a cache the next process reads the pages again, no more
            self._files.replace(self._path(name), _seal(body) + b"\n" + body, inside=self._folder, mode=0o600)


def _entry_from(kept: list[Any]) -> Entry:
    path, title, sections, symptoms, command, seen_before = kept[0]
    page = Page(path, title, tuple(Section(*section) for section in sections), tuple(symptoms), command, seen_before)
    return Entry(page, *(tuple(joined) for joined in kept[1:]))


def _seal(body: bytes) -> bytes:
    return f"{_rules():08x} {zlib.crc32(body):08x}".encode()


@cache
def _rules() -> int:
    """A checksum over the code that works words out: a cache that another version wrote is none."""
    code = sorted(Path(search.__path__[0]).glob("*.py"))
    return zlib.crc32(b"".join(file.read_bytes() for file in code))
