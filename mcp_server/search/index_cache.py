"""The search index over folders of markdown: kept in memory and on disk, never staler than the files.

What is kept is the words of each page, which are the costly part.  The disk's copy is replaced as a whole and has a
checksum: any number of processes may use it, and one that cannot be read is made anew.  There is one for each set of
folders; those that nobody used for long go, and whoever wants one of them after all makes it anew.
"""

import json
import os
import posixpath
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from mcp_server import search
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.index_table import described
from mcp_server.search import Entry, Index, Page, Section, entry_of, page_of
from mcp_server.search.page_folder import LARGEST_PAGE, PageFolder, Searched
from mcp_server.system.files import Files

_LARGEST_CACHE = 500_000_000
_MOST = 64
"Copies on disk: each clone of a fleet has one, and the next fleet does."
_UNUSED = 30 * 86_400.0
"Seconds after which a copy goes that no process read or wrote."

_Kept = dict[str, tuple[str, Entry]]
"By the page's place on disk: a stamp that changes with the page, and its entry."
_Rows = dict[str, tuple[tuple[str, ...], str | None]]


class _Built(NamedTuple):
    stamps: dict[str, str]
    kept: _Kept
    searched: Searched


class IndexCache:
    """`ports.PageIndexes`: works out only what changed since the last time, whichever process that was."""

    def __init__(self, files: Files, folder: Path) -> None:
        self._files, self._folder = files, folder
        self._built: dict[tuple[PageFolder, ...], _Built] = {}

    def index(self, folders: Sequence[PageFolder]) -> Searched:
        key, stamps, unread = tuple(folders), dict[str, str](), list[str]()
        listed = [(folder, path) for folder in folders for path in self._listed(folder, stamps, unread)]
        built = self._built.get(key)
        if built and built.stamps == stamps:
            return built.searched
        place = self._folder / f"index-{zlib.crc32(repr(key).encode('utf-8', 'replace')):08x}.json"
        known = built.kept if built else self._read(place)
        rows = {folder: self._rows(folder, unread) for folder in folders}
        kept: _Kept = {}
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
            self._write(place, kept)
        yielding = {str(path) for folder, path in listed if folder.yields}
        searched = Searched(Index(_chosen(kept, yielding)), tuple(unread))
        self._built[key] = _Built(stamps, kept, searched)
        return searched

    def _listed(self, folder: PageFolder, stamps: dict[str, str], unread: list[str]) -> Iterator[Path]:
        """The pages of a folder; `stamps` gets one for each of them, and one for the folder's own INDEX.md."""
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
        """What the folder's INDEX.md says of each page; nothing where there is none, or it cannot be read."""
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

    def _read(self, place: Path) -> _Kept:
        try:
            head, _, body = self._files.read(place, _LARGEST_CACHE).partition(b"\n")
            if head != _seal(body):
                return {}
            rows = cast("list[list[Any]]", json.loads(body))
            with suppress(OSError):
                os.utime(place)  # it is in use, and stays
            return {path: (stamp, _entry_from(entry)) for path, stamp, entry in rows}
        except (OpsError, ValueError, TypeError, IndexError):
            return {}

    def _write(self, place: Path, kept: _Kept) -> None:
        rows = [(path, *entry) for path, entry in kept.items()]
        body = json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass")
        with suppress(OpsError):  # without a cache the next process reads the pages again, no more
            self._files.replace(place, _seal(body) + b"\n" + body, inside=self._folder, mode=0o600)
            self._prune(place)

    def _prune(self, own: Path) -> None:
        """Let the copies go that are too many or unused; that two processes do so at once harms nobody."""
        used: dict[Path, float] = {}
        for path in self._folder.glob("index-*.json"):
            with suppress(OSError):
                used[path] = path.lstat().st_mtime
        newest = sorted(used, key=used.__getitem__, reverse=True)
        oldest = time.time() - _UNUSED
        for number, path in enumerate(newest):
            if path != own and (number >= _MOST or used[path] < oldest):
                with suppress(OSError):
                    path.unlink()


def _chosen(kept: _Kept, yielding: set[str]) -> Iterator[Entry]:
    """All entries but those of pages that yield to another one of the same problem, which inherits their symptoms."""
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
    """What is the same on two pages of one problem: the file's name, the title or a symptom."""
    return {page.path.rsplit("/", 1)[-1], *(name.casefold().strip() for name in (page.title, *page.symptoms))}


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
