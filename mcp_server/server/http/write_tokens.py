"""Writes the bearer tokens of the HTTP server."""

from collections.abc import Sequence
from pathlib import Path

from mcp_server.server.http.look_tokens import tokens_file
from mcp_server.server.http.tokens import HttpToken, encode
from mcp_server.system.files import Files


def write_tokens(files: Files, state: Path, tokens: Sequence[HttpToken]) -> None:
    """Replace the stored tokens; to be called with the lock `tokens` held."""
    files.replace(tokens_file(state), encode(tokens), inside=state, mode=0o600)
