"""The incidents that lie in the clones of a fleet, and the rows they have. It only looks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.index_rows import day_of
from mcp_server.operation.context import Context
from mcp_server.records.incident import FOLDER, Course, Record, course, days_around, record_of


@dataclass(frozen=True)
class Known:
    """An incident: where its fullest version lies, and what all clones know of it together."""

    path: Path
    agent: Agent
    record: Record
    course: Course

    @property
    def id(self) -> str:
        return self.path.stem


def known(ctx: Context, first: Agent | None = None, only: str | None = None) -> list[Known]:
    """The incidents of all clones, newest first; those in the clone of `first` are taken from there.

    `only` the one with this id. Pages without front matter of ours are left out.
    """
    found: dict[str, list[tuple[Path, Agent, Record]]] = {}
    parsed = cache(record_of)  # most clones hold the same text
    for agent in sorted(ctx.fleet.agents, key=lambda agent: agent != first):
        folder = folder_of(agent)
        for path in [folder / f"{only}.md"] if only else _pages(ctx, folder):
            if record := _record(ctx, path, parsed):
                found.setdefault(path.stem, []).append((path, agent, record))
    incidents = [_together(versions, first) for versions in found.values()]
    return sorted(incidents, key=lambda one: (one.course.detected, one.id), reverse=True)


def _together(versions: list[tuple[Path, Agent, Record]], first: Agent | None) -> Known:
    own = [version for version in versions if version[1] == first]
    path, agent, record = own[0] if own else max(versions, key=lambda version: len(version[2].entries))
    return Known(path, agent, record, course([version[2] for version in versions]))


def in_another_form(ctx: Context, found: Sequence[Known]) -> tuple[str, ...]:
    """The incident pages of the clones that are not among `found`, since they say no time of detection."""
    names = {page.stem for agent in ctx.fleet.agents for page in _pages(ctx, folder_of(agent)) if day_of(page.name)}
    return tuple(sorted(names - {one.id for one in found}))


def commit_step(home: Agent, name: str) -> str:
    """How the record is committed, with its row and nothing else, once somebody wants that."""
    return f"To commit it: ops --agent {quote(home.name)} incident update {name} --commit"


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


def _record(ctx: Context, path: Path, parse: Callable[[str], Record | None] = record_of) -> Record | None:
    try:
        return parse(ctx.world.files.read_text(path, 500_000))
    except OpsError:
        return None  # what cannot be read tells nothing; docs_check names it
