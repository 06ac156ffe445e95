"""The files of the host that give variables to what starts there: of its shells, its logins, and systemd."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from mcp_server.kernel.inventory import Agent
from mcp_server.operation.world import World

_HOME: Final = (
    *(".profile", ".bash_profile", ".bash_login", ".bashrc", ".zshenv", ".zprofile", ".zshrc"),
    *(".pam_environment", ".config/environment.d/*.conf"),
)
_ETC: Final = (
    *("environment", "environment.d/*.conf", "profile", "profile.d/*.sh"),
    *("bash.bashrc", "zsh/zshenv", "zsh/zprofile", "zsh/zshrc"),
)
_UNITS: Final = ("*.service", "*.service.d/*.conf")
_FOLDERS_OF_UNITS: Final = (".config/systemd/user", ".local/share/systemd/user")


def startup_files(world: World) -> Iterator[Path]:
    """What every shell, login or unit of this user may get its variables from, where it is there."""
    return chain(_matching(world, world.home, _HOME), _matching(world, world.etc, _ETC))


def units(world: World) -> Iterator[Path]:
    """The user's own units of systemd, and what is added to them."""
    for folder in _FOLDERS_OF_UNITS:
        yield from _matching(world, world.home / folder, _UNITS)


def started_by(unit: str, agents: Iterable[Agent], home: Path) -> tuple[str, ...]:
    """The agents in whose folders a unit with this text starts something: other units concern no agent."""
    text = unit.replace("%h", str(home))
    return tuple(agent.name for agent in agents if _names(re.sub("%[iI]", agent.name, text), agent.folder))


def _names(text: str, folder: Path) -> bool:
    return re.search(rf"{re.escape(str(folder))}(?![\w.-])", text) is not None


def _matching(world: World, root: Path, patterns: Iterable[str]) -> Iterator[Path]:
    """Files below `root`; a pattern may have a star in the last two of its names."""
    for pattern in patterns:
        found = [root]
        for part in pattern.split("/"):
            found = [path for folder in found for path in _entries(world, folder, part)]
        yield from found


def _entries(world: World, folder: Path, part: str) -> list[Path]:
    if "*" not in part:
        return [folder / part] if world.files.kind(folder / part) != "absent" else []
    return [folder / name for name in world.files.names(folder) if Path(name).match(part)]
