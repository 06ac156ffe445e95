"""The search index over folders of markdown, cached in memory and on disk; it always reflects the files as they are.

The cache has the terms of each page, which are costly to compute. The copy on disk is replaced as a whole and has a
checksum, so that any number of processes may use it; a copy that cannot be read is built again. There is one for each
set of folders, up to the number that the cache has room for.
"""

import json
import posixpath
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from mcp_server import search
from mcp_server.kernel import markdown
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.index_table import described
from mcp_server.kernel.markdown.outline import Section
from mcp_server.search import Entry, Index, Page, entry_of, page_of
from mcp_server.search.page_folder import LARGEST_PAGE, PageFolder, Searched
from mcp_server.system.cache import Cache
from mcp_server.system.files import Files

_Entries = dict[str, tuple[str, Entry]]
"By the page's path: a stamp that changes with the page, and its entry."
_Rows = dict[str, tuple[tuple[str, ...], str | None]]


class _Built(NamedTuple):
    stamps: dict[str, str]
    kept: _Entries
    searched: Searched


class IndexCache:
    """Indexes of folders. Only pages that no process has read since they last changed are read."""

    def __init__(self, files: Files, cache: Cache) -> None:
        self._files, self._cache = files, cache
        self._built: dict[tuple[PageFolder, ...], _Built] = {}

    def index(self, folders: Sequence[PageFolder]) -> Searched:
        """The index of the pages in these folders as they are now."""
        key, stamps, unread = tuple(folders), dict[str, str](), list[str]()
        listed = [(folder, path) for folder in folders for path in self._listed(folder, stamps, unread)]
        built = self._built.get(key)
        if built and built.stamps == stamps:
            return built.searched
        number = zlib.crc32(repr(key).encode("utf-8", "replace"))
        known = built.kept if built else self._read(number)
        rows = {folder: self._rows(folder, unread) for folder in folders}
        kept: _Entries = {}
        for folder, path in listed:
            row = rows[folder].get(path.as_posix(), ((), None))
            stamp = f"{stamps[str(path)]}:{row}"
            try:
                same = known.get(str(path))
                entry = same[1] if same and same[0] == stamp else entry_of(self._page(folder, path, row))
                kept[str(path)] = stamp, entry
            except OpsError as error:
                unread.append(error.message)
        if kept.keys() != known.keys() or any(kept[path][0] != known[path][0] for path in kept):
            self._write(number, kept)
        yielding = {str(path) for folder, path in listed if folder.yields}
        searched = Searched(Index(_chosen(kept, yielding)), tuple(unread))
        self._built[key] = _Built(stamps, kept, searched)
        return searched

    def _listed(self, folder: PageFolder, stamps: dict[str, str], unread: list[str]) -> Iterator[Path]:
        """The pages of a folder. Adds the stamp of each page and of the folder's INDEX.md to `stamps`."""
        try:
            paths = self._files.markdown(folder.path, folder.skip)
        except OpsError as error:
            unread.append(error.message)
            stamps[str(folder.path)] = error.message
            return
        for path in (folder.path / "INDEX.md", *paths):
            with suppress(OSError):
                found = path.lstat()
                stamps[str(path)] = f"{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"
        yield from (path for path in paths if str(path) in stamps)

    def _rows(self, folder: PageFolder, unread: list[str]) -> _Rows:
        """What the folder's INDEX.md says about each page; nothing if there is no index, or it cannot be read."""
        rows: _Rows = {}
        try:
            for target, problem, command in described(self._files.read_text(folder.path / "INDEX.md")):
                path = posixpath.normpath((folder.path / target).as_posix())
                problems, first = rows.get(path, ((), None))
                rows[path] = (*problems, problem), first or command
        except OpsError as error:
            unread += [f"the rows of {folder.path}: {error.message}"] if error.kind != "not_found" else []
        return rows

    def _page(self, folder: PageFolder, path: Path, row: tuple[tuple[str, ...], str | None]) -> Page:
        text = self._files.read_text(path, LARGEST_PAGE)
        shown = path.relative_to(folder.root).as_posix().encode("utf-8", "surrogateescape").decode(errors="replace")
        return page_of(folder.prefix + shown, text, *row)._replace(seen_before=folder.seen_before)

    def _read(self, number: int) -> _Entries:
        for name in self._cache.slots("index", number):
            head, _, body = (self._cache.read(name) or b"").partition(b"\n")
            if head == _seal(number, body):
                with suppress(ValueError, TypeError, IndexError):
                    rows = cast("list[list[Any]]", json.loads(body))
                    return {path: (stamp, _entry_from(entry)) for path, stamp, entry in rows}
        return {}

    def _write(self, number: int, kept: _Entries) -> None:
        rows = [(path, *entry) for path, entry in kept.items()]
        body = json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass")
        names = self._cache.slots("index", number)
        own = (name for name in names if (self._cache.read(name) or b"").startswith(f"{number:08x} ".encode()))
        self._cache.replace(next(own, None) or self._cache.oldest(names), _seal(number, body) + b"\n" + body)


def _chosen(kept: _Entries, yielding: set[str]) -> Iterator[Entry]:
    """All entries except pages that yield to another page for the same problem, which inherits their symptoms."""
    own = [(path, entry) for path, (_, entry) in kept.items() if path not in yielding]
    owners = {name: path for path, entry in own for name in _names(entry.page)}
    symptoms: dict[str, tuple[str, ...]] = {}
    for path, (_, entry) in kept.items():
        if path not in yielding:
            continue
        if heir := min((owners[name] for name in _names(entry.page) if name in owners), default=None):
            symptoms[heir] = (*symptoms.get(heir, ()), *entry.names[1:])
        else:
            yield entry
    for path, entry in own:
        yield entry._replace(names=(*entry.names, *symptoms.get(path, ())))


def _names(page: Page) -> set[str]:
    """What two pages for one problem share: the file's name, the title or a symptom."""
    return {page.path.rsplit("/", 1)[-1], *(name.casefold().strip() for name in (page.title, *page.symptoms))}


def _entry_from(kept: list[Any]) -> Entry:
    path, title, sections, symptoms, command, seen_before = kept[0]
    page = Page(path, title, tuple(Section(*section) for section in sections), tuple(symptoms), command, seen_before)
    return Entry(page, *(tuple(joined) for joined in kept[1:]))


def _seal(number: int, body: bytes) -> bytes:
    return f"{number:08x} {_rules():08x} {zlib.crc32(body):08x}".encode()


@cache
def _rules() -> int:
    """A checksum of the code that reads pages and their words: what other code wrote is not used."""
    code = (file for package in (markdown, search) for file in sorted(Path(package.__path__[0]).glob("*.py")))
    return zlib.crc32(b"".join(file.read_bytes() for file in code))
