"""The decision records of a fleet: those of one clone, and every number that was ever given. It only looks."""

from pathlib import Path

from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.records.decision import FOLDER, Adr, adr_of, number_of
from mcp_server.system.files import Files


def records(files: Files, clone: Path) -> tuple[Adr, ...]:
    """The records as they stand in a clone."""
    folder = clone / FOLDER
    names = [name for name in files.names(folder) if number_of(name) is not None]
    return tuple(adr_of(name, files.read_text(folder / name)) for name in names)


def names_given(ctx: Context) -> tuple[set[str], list[str]]:
    """The names of records in the folders of all clones and in all their branches, and who could not be looked at."""
    names: set[str] = set()
    unknown: list[str] = []
    for agent in ctx.fleet.agents:
        if ctx.world.files.kind(agent.folder) == "absent":
            continue  # never made: it has no branches
        try:
            names.update(ctx.world.files.names(agent.folder / FOLDER))
            names.update(ctx.world.git.names_ever(agent.folder, FOLDER))
        except OpsError:
            unknown.append(agent.name)
    return names, unknown
