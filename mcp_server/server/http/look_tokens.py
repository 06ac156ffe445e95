"""The bearer tokens of the HTTP server, as `OPS_HOME/tokens.json` keeps them. It only looks."""

from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError
from mcp_server.server.http.tokens import Bearer, parsed
from mcp_server.system.files import Files


def bearers_file(state: Path) -> Path:
    return state / "tokens.json"


def bearers(files: Files, state: Path) -> tuple[Bearer, ...]:
    """All of them, expired ones too; `invalid` for a file that is not ours to read, or that others can read."""
    path = bearers_file(state)
    if files.kind(path) == "absent":
        return ()
    data = files.read(path)
    if files.mode(path) & 0o077:
        raise OpsError("invalid", f"{path} can be read by others", f"chmod 600 {quote(str(path))}")
    try:
        return parsed(data)
    except ValueError as error:
        raise OpsError(
            "invalid", f"{path} holds no tokens: {error}", f"Put it aside, and make new ones: rm {quote(str(path))}"
        ) from None
