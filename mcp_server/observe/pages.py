"""The pages that answer problems: those of the operated repository, the shipped ones, and incidents seen before."""

import posixpath
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mcp_server.domain.errors import OpsError, shown
from mcp_server.domain.indextable import INCIDENTS, PROBLEMS, Row, local_path, read
from mcp_server.domain.runbook import MANUAL
from mcp_server.domain.search import Page, page_of
from mcp_server.observe.rendered import UNLISTED, shipped_texts
from mcp_server.ports import Context, Files

OPS_DOCS = "docs/support/ops"
INCIDENT_DOCS = "docs/support/incidents"
NEVER_INDEXED = frozenset({*UNLISTED, "archive", "ai_docs"})
_DEEPEST = 12


@dataclass(frozen=True)
class Pages:
    """`unread` says of each page that could not be read which and why."""

    pages: tuple[Page, ...]
    unread: tuple[str, ...] = ()


def all_pages(context: Context) -> Pages:
    """Every page to search, the operated ones first; a shipped page of the same problem is left out."""
    shipped = [page_of(path, text) for path, text in shipped_texts(context.world).items()]
    clone, files = docs_clone(context), context.world.files
    if clone is None:
        return Pages(tuple(map(_commanded, shipped)), (_why_shipped_alone(context),))
    operated, seen = _folder_pages(files, clone, OPS_DOCS), _folder_pages(files, clone, INCIDENT_DOCS)
    kept = [page for page in shipped if not any(_same_problem(page, other) for other in operated.pages)]
    incidents = [page._replace(seen_before=True) for page in seen.pages]
    return Pages((*map(_commanded, (*operated.pages, *kept)), *incidents), (*operated.unread, *seen.unread))


def pages_below(files: Files, folders: Sequence[Path]) -> Pages:
    """Every markdown page below the folders, whatever it is; paths begin in its folder, of several with its name."""
    found: list[Page] = []
    unread: list[str] = []
    for folder in folders:
        if files.kind(folder) != "folder":
            raise OpsError("not_found", f"there is no folder {shown(folder)}", "Give --docs a folder of pages")
        below = _folder_pages(files, folder, "", frozenset({"INDEX.md"}))
        prefix = f"{folder.name}/" if len(folders) > 1 else ""
        found += (page._replace(path=prefix + page.path) for page in below.pages)
        unread += below.unread
    return Pages(tuple(map(_commanded, found)), tuple(unread))


def page_texts(context: Context) -> dict[str, str]:
    """The text of every page by its path, in the order in which a name is looked up: operated, shipped, incidents."""
    clone, files = docs_clone(context), context.world.files
    operated = _texts(files, clone, OPS_DOCS, NEVER_INDEXED)[0] if clone else {}
    seen = _texts(files, clone, INCIDENT_DOCS, NEVER_INDEXED)[0] if clone else {}
    return {**operated, **shipped_texts(context.world), **seen}


def docs_clone(context: Context) -> Path | None:
    """The clone whose docs are asked: the caller's, else that of an ops agent, else the first that has them."""
    try:
        fleet = context.fleet
    except OpsError as error:
        if error.kind != "not_found":
            raise
        return None
    own = fleet.agent(context.caller) if context.caller else fleet.holding(context.world.cwd)
    ordered = sorted(fleet.agents, key=lambda agent: (agent != own, agent.role != "ops"))
    files = context.world.files
    return next((a.folder for a in ordered if files.kind(a.folder / OPS_DOCS) == "folder"), None)


def _why_shipped_alone(context: Context) -> str:
    try:
        return f"no clone in {context.fleet.root} has {OPS_DOCS}: only the shipped pages were searched"
    except OpsError as error:
        return f"{error.message}: only the shipped pages were searched"


def _folder_pages(files: Files, root: Path, below: str, skip: frozenset[str] = NEVER_INDEXED) -> Pages:
    texts, unread = _texts(files, root, below, skip)
    rows = _rows(files, root / below)
    pages: list[Page] = []
    for path, text in texts.items():
        known = rows.get((root / path).as_posix(), [])
        command = next((command for _, command in known if command), None)
        pages.append(page_of(path, text, [problem for problem, _ in known], command))
    return Pages(tuple(pages), tuple(unread))


def _texts(files: Files, root: Path, below: str, skip: frozenset[str]) -> tuple[dict[str, str], list[str]]:
    """Path from `root` and text of each page below the folder, and what could not be read."""
    texts: dict[str, str] = {}
    unread: list[str] = []
    for path in markdown_below(files, root / below, skip):
        try:
            texts[path.relative_to(root).as_posix()] = files.read_text(path)
        except OpsError as error:
            unread.append(error.message)
    return texts, unread


def markdown_below(files: Files, folder: Path, skip: frozenset[str], depth: int = 0) -> Generator[Path]:
    """The markdown files below a folder at any depth, without the names in `skip` and hidden ones."""
    for name in files.names(folder):
        path = folder / name
        if name in skip or name.startswith("."):
            continue
        if name.endswith(".md"):
            yield path
        elif depth < _DEEPEST and files.kind(path) == "folder":
            yield from markdown_below(files, path, skip, depth + 1)


def _rows(files: Files, folder: Path) -> Mapping[str, list[tuple[str, str | None]]]:
    """What the INDEX.md of a folder says of each page: words it is met with and command; none if unreadable."""
    index = folder / "INDEX.md"
    try:
        listing = read(files.read_text(index)) if files.kind(index) == "file" else read("")
    except OpsError:
        return {}
    found: dict[str, list[tuple[str, str | None]]] = {}
    for name, doc, rows in (
        ("Problem", "Solution Doc", listing.rows(PROBLEMS)),
        ("Summary", "File", listing.rows(INCIDENTS)),
    ):
        for row in rows:
            if path := local_path(row.cell(doc).target or ""):
                target = posixpath.normpath((folder / path).as_posix())
                found.setdefault(target, []).append((row.cell(name).text, _slash(row)))
    return found


def _slash(row: Row) -> str | None:
    text = row.cell("Command").text
    return text if text.startswith("/") else None


def _commanded(page: Page) -> Page:
    return page._replace(command=None) if page.command == MANUAL else page


def _same_problem(shipped: Page, operated: Page) -> bool:
    if _stem(shipped) == _stem(operated):
        return True
    return not _names((shipped,)).isdisjoint(_names((operated,)))


def _stem(page: Page) -> str:
    return page.path.rsplit("/", 1)[-1]


def _names(pages: Iterable[Page]) -> set[str]:
    return {name.casefold().strip() for page in pages for name in (page.title, *page.symptoms)}
