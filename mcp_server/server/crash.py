"""Records a crash of ops: a private log with the traceback, and an error that names the log."""

import gc
import os
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.secret import Secret
from mcp_server.kernel.secrets.detector import scrub
from mcp_server.system.folders import private_folder

_SHORTEST: Final = 8
"A shorter value is a switch, not a token."


def record_crash(error: BaseException, state: Path) -> OpsError:
    """Write the traceback without secrets to `<state>/logs/crash-*.log` (0600); returns the error to answer with."""
    text = scrub(_without_secrets("".join(traceback.format_exception(error))))
    name = f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}-{os.urandom(2).hex()}.log"
    path = state / "logs" / name
    try:
        private_folder(path.parent, state)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
    except (OSError, OpsError):
        return OpsError(
            "unavailable", f"ops crashed ({type(error).__name__}) and could not write {path}", text[-600:]
        )
    return OpsError("unavailable", f"ops crashed: {type(error).__name__}", f"Report it with the log {path}")


def _without_secrets(text: str) -> str:
    """Replaces the value of every `Secret` in memory: `scrub` cannot recognise an opaque token."""
    alive = {found.reveal() for found in gc.get_objects() if type(found) is Secret}
    for value in sorted((value for value in alive if len(value) >= _SHORTEST), key=len, reverse=True):
        text = text.replace(value, "[redacted]")
    return text
