"""The spool in `OPS_HOME/notices`: one file for each notice and target not delivered yet. No secret is in it."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Target
from mcp_server.notices.notice import Notice
from mcp_server.operation.world import World

_NAME: Final = re.compile(r"\d{10}-[0-9a-f]{12}\.[a-z]+\.json")


@dataclass(frozen=True)
class Spooled:
    """One notice that its target has not accepted yet; `due` is when it is tried again."""

    path: Path
    target: Target
    notice: Notice
    tries: int
    due: datetime
    problem: str = ""
    "Why it was not accepted at the last try."
    refused: bool = False
    "Whether the target rejected the message itself: then it waits alone, and does not stop the next ones."

    def encode(self) -> bytes:
        """The content of its file."""
        return json.dumps({**asdict(self), "path": None, "due": self.due.isoformat()}).encode()


def spool_folder(world: World) -> Path:
    return world.state / "notices"


def spooled(world: World) -> Iterator[Spooled]:
    """The spooled notices, the oldest first; files of other programs are skipped."""
    folder = spool_folder(world)
    for name in file_names(world, folder):
        with suppress(OpsError, ValueError, KeyError, TypeError):
            entry: dict[str, Any] = json.loads(world.files.read_text(folder / name))
            entry |= {"path": folder / name, "due": datetime.fromisoformat(entry["due"])}
            entry["notice"] = Notice(**entry["notice"])
            yield Spooled(**entry)


def file_names(world: World, folder: Path) -> list[str]:
    """The names of the notices in a folder, the oldest first."""
    with suppress(OpsError):
        return [name for name in world.files.names(folder) if _NAME.fullmatch(name)]
    return []
