"""Reads the bearer tokens of the HTTP server from `OPS_HOME/tokens.json`."""

from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError
from mcp_server.server.http.tokens import HttpToken, parse
from mcp_server.system.files import Files


def tokens_file(state: Path) -> Path:
    return state / "tokens.json"


def http_tokens(files: Files, state: Path) -> tuple[HttpToken, ...]:
    """All tokens, expired ones too; `invalid` for a file that others can read, or that holds no tokens."""
    path = tokens_file(state)
    if files.kind(path) == "absent":
        return ()
    data = files.read(path)
    if files.mode(path) & 0o077:
        raise OpsError("invalid", f"{path} can be read by others", f"chmod 600 {quote(str(path))}")
    try:
        return parse(data)
    except ValueError as error:
        raise OpsError(
            "invalid", f"{path} holds no tokens: {error}", f"Put it aside, and make new ones: rm {quote(str(path))}"
        ) from None
