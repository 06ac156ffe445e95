"""The incidents that lie in the clones of a fleet, and the rows they have. It only looks."""

from collections.abc import Iterator
from pathlib import Path

from mcp_server.domain.errors import OpsError
from mcp_server.domain.incident import FOLDER, Record, days_around, record_of
from mcp_server.domain.inventory import Agent
from mcp_server.ports import Context


def folder_of(agent: Agent) -> Path:
    return agent.folder.joinpath(*FOLDER)


def recent(ctx: Context, first: Agent) -> Iterator[tuple[Path, Record]]:
    """The incidents of these days in all clones, each once, those in the clone of `first` before others."""
    days, seen = days_around(ctx.world.clock.now()), set[str]()
    for path in entries(ctx, first):
        if path.name.startswith(days) and path.name not in seen and (record := _record(ctx, path)):
            seen.add(path.name)
            yield path, record


def entries(ctx: Context, first: Agent) -> Iterator[Path]:
    """Every page in the incident folders of all clones, those of `first` before others."""
    for agent in sorted(ctx.fleet.agents, key=lambda agent: agent != first):
        yield from _pages(ctx, folder_of(agent))


def _pages(ctx: Context, folder: Path) -> list[Path]:
    try:
        return [folder / name for name in ctx.world.files.names(folder) if name.endswith(".md")]
    except OpsError:
        return []  # another agent's folder that is closed to us


def _record(ctx: Context, path: Path) -> Record | None:
    try:
        return record_of(ctx.world.files.read_text(path, 500_000))
    except OpsError:
        return None  # what cannot be read tells nothing; docs_check names it
