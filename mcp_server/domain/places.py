"""Where things of ours lie on a host."""

import sys
from collections.abc import Mapping
from pathlib import Path


def state_folder(environment: Mapping[str, str], home: Path) -> Path:
    """`OPS_HOME`, else the platform's place for a program's own state: locks, applied configs, backups, logs."""
    if chosen := environment.get("OPS_HOME"):
        return Path(chosen).absolute()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "ops"
    return Path(environment.get("XDG_STATE_HOME") or home / ".local" / "state") / "ops"
