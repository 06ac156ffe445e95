"""The pages that answer problems: those of the operated repository, the shipped runbooks, and past incidents."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.lazy_pattern import lazy_pattern
from mcp_server.operation.context import Context
from mcp_server.search.page_folder import PageFolder, Searched

OPS_DOCS = "docs/support/ops"
INCIDENT_DOCS = "docs/support/incidents"
_UNFINISHED = lazy_pattern(
    r"_.*|TEMPLATE.*|YYYY-.*|(?i:(?:.*[-_. ])?template(?:\.md|s?)|drafts?|(?:.*[-_. ])?draft\.md|draft[-_. ].*\.md)"
)


class _NeverIndexed(frozenset[str]):
    """Names of files and folders that are no pages of their own, those of templates and drafts among them."""

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and bool(_UNFINISHED.fullmatch(name)))


NEVER_INDEXED = _NeverIndexed({"INDEX.md", "README.md", "archive", "ai_docs"})


def page_index(context: Context) -> Searched:
    """The index of every page. A page of the operated repository replaces the shipped one for the same problem."""
    clone = docs_clone(context)
    found = context.world.indexes.index(_folders(context, clone))
    return found if clone else replace(found, unread=(_why_shipped_alone(context), *found.unread))


def index_of(context: Context, folders: Sequence[Path]) -> Searched:
    """The index of all markdown below the folders; with several, paths start with the folder's name."""
    for folder in folders:
        if context.world.files.kind(folder) != "folder":
            raise OpsError("not_found", f"there is no folder {shown(folder)}", "Give --docs a folder of pages")
    several, skip = len(folders) > 1, frozenset({"INDEX.md"})
    return context.world.indexes.index(
        [PageFolder(folder, folder, skip, prefix=f"{folder.name}/" if several else "") for folder in folders]
    )


def page_files(context: Context) -> dict[str, Path]:
    """The file of every page, in the order in which a name is looked up: operated, shipped, incidents."""
    folders = _folders(context, docs_clone(context))
    return {
        path.relative_to(folder.root).as_posix(): path
        for folder in folders
        for path in context.world.files.markdown(folder.path, folder.skip)
    }


def _folders(context: Context, clone: Path | None) -> list[PageFolder]:
    pack = context.world.pack
    shipped = PageFolder(pack, pack / "runbooks", NEVER_INDEXED, yields=True)
    if clone is None:
        return [shipped]
    operated = PageFolder(clone, clone / OPS_DOCS, NEVER_INDEXED)
    return [operated, shipped, PageFolder(clone, clone / INCIDENT_DOCS, NEVER_INDEXED, seen_before=True)]


def docs_clone(context: Context) -> Path | None:
    """The clone whose docs are used: the caller's, else an ops agent's, else the first that has them."""
    fleet = context.fleet_here
    if fleet is None:
        return None
    own = fleet.agent(context.caller) if context.caller else context.holding(context.world.cwd)
    ordered = sorted(fleet.agents, key=lambda agent: (agent != own, agent.role != "ops"))
    files = context.world.files
    return next((a.folder for a in ordered if files.kind(a.folder / OPS_DOCS) == "folder"), None)


def _why_shipped_alone(context: Context) -> str:
    try:
        return f"no clone in {context.fleet.root} has {OPS_DOCS}: only the shipped pages were searched"
    except OpsError as error:
        return f"{error.message}: only the shipped pages were searched"
