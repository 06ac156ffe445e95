"""The incidents in the clones of a fleet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.index_rows import day_of
from mcp_server.knowledge.look_pages import INCIDENT_DOCS, NEVER_INDEXED
from mcp_server.operation.context import Context
from mcp_server.records.incident import Record, record_of
from mcp_server.records.incident_history import History, history_of
from mcp_server.records.incident_limits import days_around


@dataclass(frozen=True)
class KnownIncident:
    """`path` is its file, in the clone of `agent`; `history` is merged from the files in all clones."""

    path: Path
    agent: Agent
    record: Record
    history: History

    @property
    def id(self) -> str:
        return self.path.stem


def known_incidents(ctx: Context, first: Agent | None = None, only: str | None = None) -> list[KnownIncident]:
    """The incidents of all clones, newest first, or `only` the one with this id.

    `path` is in the clone of `first` if it is there, else in the clone with the longest timeline. Pages that do not
    parse as an incident are left out.
    """
    found: dict[str, list[tuple[Path, Agent, Record]]] = {}
    parsed = cache(record_of)  # most clones hold the same text
    for agent in _ordered(ctx, first):
        folder = folder_of(agent)
        for path in [folder / f"{only}.md"] if only else _pages(ctx, folder):
            if record := _record(ctx, path, parsed):
                found.setdefault(path.stem, []).append((path, agent, record))
    incidents = [_merged(versions, first) for versions in found.values()]
    return sorted(incidents, key=lambda one: (one.history.detected, one.id), reverse=True)


def _merged(versions: list[tuple[Path, Agent, Record]], first: Agent | None) -> KnownIncident:
    own = [version for version in versions if version[1] == first]
    path, agent, record = own[0] if own else max(versions, key=lambda version: len(version[2].entries))
    return KnownIncident(path, agent, record, history_of([version[2] for version in versions]))


def unparsed(ctx: Context, found: Sequence[KnownIncident]) -> tuple[str, ...]:
    """The names of incident pages that are not among `found`, because they state no time of detection."""
    names = {page.stem for page in pages(ctx) if day_of(page.name)}
    return tuple(sorted(names - {one.id for one in found}))


def commit_step(home: Agent, name: str) -> str:
    """The step that commits an incident with its row, and nothing else."""
    return f"To commit it: ops --agent {quote(home.name)} incident update {name} --commit"


def folder_of(agent: Agent) -> Path:
    return agent.folder / INCIDENT_DOCS


def recent(ctx: Context, first: Agent) -> Iterator[tuple[Path, Record]]:
    """The incidents of the last day in all clones, each once, preferably from the clone of `first`."""
    days, names = days_around(ctx.world.clock.now()), set[str]()
    for path in pages(ctx, first):
        if path.name.startswith(days) and path.name not in names and (record := _record(ctx, path)):
            names.add(path.name)
            yield path, record


def pages(ctx: Context, first: Agent | None = None) -> Iterator[Path]:
    """Every page in the incident folders of all clones, those of `first` before others."""
    for agent in _ordered(ctx, first):
        yield from _pages(ctx, folder_of(agent))


def _ordered(ctx: Context, first: Agent | None) -> list[Agent]:
    return sorted(ctx.fleet.agents, key=lambda agent: agent != first)


def _pages(ctx: Context, folder: Path) -> list[Path]:
    try:
        return [
            folder / name
            for name in ctx.world.files.names(folder)
            if name.endswith(".md") and name not in NEVER_INDEXED
        ]
    except OpsError:
        return []  # another agent's folder that this user may not read


def _record(ctx: Context, path: Path, parse: Callable[[str], Record | None] = record_of) -> Record | None:
    try:
        return parse(ctx.world.files.read_text(path, 500_000))
    except OpsError:
        return None  # docs_check reports files that cannot be read
