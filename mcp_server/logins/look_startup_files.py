"""The files of the host that set variables for programs started there: of shells, of logins, of systemd."""

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
    """The existing files from which every shell, login or unit of this user may get variables."""
    return chain(_matching(world, world.home, _HOME), _matching(world, world.etc, _ETC))


def units(world: World) -> Iterator[Path]:
    """The user's own systemd units, and the files that extend them."""
    for folder in _FOLDERS_OF_UNITS:
        yield from _matching(world, world.home / folder, _UNITS)


def started_by(unit: str, agents: Iterable[Agent], home: Path) -> tuple[str, ...]:
    """The agents in whose folders a systemd unit with this text starts something; empty for other units."""
    text = unit.replace("%h", str(home))
    return tuple(agent.name for agent in agents if _names(re.sub("%[iI]", agent.name, text), agent.folder))


def _names(text: str, folder: Path) -> bool:
    return re.search(rf"{re.escape(str(folder))}(?![\w.-])", text) is not None


def _matching(world: World, root: Path, patterns: Iterable[str]) -> Iterator[Path]:
    """The files below `root` that match; each name of a pattern may hold a star."""
    for pattern in patterns:
        found = [root]
        for part in pattern.split("/"):
            found = [path for folder in found for path in _entries(world, folder, part)]
        yield from found


def _entries(world: World, folder: Path, part: str) -> list[Path]:
    if "*" not in part:
        return [folder / part] if world.files.kind(folder / part) != "absent" else []
    return [folder / name for name in world.files.names(folder) if Path(name).match(part)]
