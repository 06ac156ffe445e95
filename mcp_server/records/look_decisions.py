"""The decision records of one clone, and the names of those in all clones and branches."""

from pathlib import Path

from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.records.decision import FOLDER, Decision, number_of, parse
from mcp_server.system.files import Files


def records(files: Files, clone: Path) -> tuple[Decision, ...]:
    """The records in the working tree of a clone."""
    folder = clone / FOLDER
    names = [name for name in files.names(folder) if number_of(name) is not None]
    return tuple(parse(name, files.read_text(folder / name)) for name in names)


def names_given(ctx: Context) -> tuple[set[str], list[str]]:
    """The names of records in all clones and all their branches, and the agents whose clones could not be read."""
    names: set[str] = set()
    unknown: list[str] = []
    for agent in ctx.fleet.agents:
        if ctx.world.files.kind(agent.folder) == "absent":
            continue  # the clone was never created
        try:
            names.update(ctx.world.files.names(agent.folder / FOLDER))
            names.update(ctx.world.git.names_ever(agent.folder, FOLDER))
        except OpsError:
            unknown.append(agent.name)
    return names, unknown
