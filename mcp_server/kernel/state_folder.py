"""The state folder of ops on a host. Imported at each start of a client: no import that is not loaded anyway."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def state_path(environment: Mapping[str, str], home: str) -> str:
    """`OPS_HOME`, else the platform's folder for a program's state: locks, applied configs, backups, logs."""
    if chosen := environment.get("OPS_HOME"):
        return chosen if chosen.startswith("/") else _absolute(chosen)
    if sys.platform == "darwin":
        return f"{home}/Library/Application Support/ops"
    return f"{environment.get('XDG_STATE_HOME') or f'{home}/.local/state'}/ops"


def _absolute(path: str) -> str:
    from pathlib import Path  # noqa: PLC0415

    return str(Path(path).absolute())


def state_folder(environment: Mapping[str, str], home: Path) -> Path:
    """`state_path` as a `Path`."""
    return type(home)(state_path(environment, str(home)))
