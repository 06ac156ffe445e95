"""The decision records of one clone: their folder, and the names of those in all clones and branches."""

import re
from pathlib import Path, PurePosixPath
from typing import Final

from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.records.decision import FOLDER, Decision, parse
from mcp_server.records.decision_name import parts_of
from mcp_server.system.files import Files

_USUAL: Final = (
    *(FOLDER, "docs/adr", "docs/adrs", "doc/adr", "docs/decisions", "docs/architecture/decisions"),
    *("docs/architecture/adr", "docs/architecture-decisions", "doc/architecture/decisions", "adr", "decisions"),
)
_NAMED_IN: Final = {
    ".adr-dir": re.compile(r"\A\s*(\S.*)"),
    ".log4brains.yml": re.compile(r"(?m)^ +adrFolder: *[\"']?([^\s\"'#]+)"),
}


def folder_of(files: Files, clone: Path) -> str:
    """The folder of a clone's decision records, a path in the repository.

    It is the one that `.adr-dir` (adr-tools) or `.log4brains.yml` names, else the first usual one that has records.
    """
    named = _named_folder(files, clone)
    if named:
        return named
    return next((usual for usual in _USUAL if any(map(parts_of, files.names(clone / usual)))), FOLDER)


def _named_folder(files: Files, clone: Path) -> str | None:
    for name, pattern in _NAMED_IN.items():
        found = pattern.search(files.read_text(clone / name)) if files.kind(clone / name) == "file" else None
        path = PurePosixPath(found[1].strip()) if found else PurePosixPath("..")
        if not path.is_absolute() and ".." not in path.parts:
            return path.as_posix()
    return None


def records(files: Files, clone: Path) -> tuple[Decision, ...]:
    """The records in the working tree of a clone."""
    folder = clone / folder_of(files, clone)
    names = [name for name in files.names(folder) if parts_of(name)]
    return tuple(parse(name, files.read_text(folder / name)) for name in names)


def names_given(ctx: Context, below: str) -> tuple[set[str], list[str]]:
    """The names in the folder `below` in all clones and all their branches, and the agents whose clones could not be
    read."""
    names: set[str] = set()
    unknown: list[str] = []
    for agent in ctx.fleet.agents:
        if ctx.world.files.kind(agent.folder) == "absent":
            continue  # the clone was never created
        try:
            names.update(ctx.world.files.names(agent.folder / below))
            names.update(ctx.world.git.names_ever(agent.folder, below))
        except OpsError:
            unknown.append(agent.name)
    return names, unknown
