"""Bases: both sides of each config as they were at the last sync. Also the comments on captured values."""

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import cast

from mcp_server.configs.desired import digest
from mcp_server.configs.look_file import AgentConfig
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.three_way import Base
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_text import parse_object
from mcp_server.kernel.pointer import ABSENT
from mcp_server.operation.context import Context


def base_path(ctx: Context, file: AgentConfig) -> Path:
    """The file of a config's base: in the state folder, by fleet, agent and client."""
    kind = "" if file.kind == "claude" else f".{file.kind}"
    return _folder(ctx) / f"{file.agent.name}{kind}.json"


def comments_path(ctx: Context) -> Path:
    """The file of the comments on captured values, by fleet."""
    return _folder(ctx) / "captured"


def read_base(ctx: Context, file: AgentConfig) -> Base:
    """The base of a config; an empty one before its first sync."""
    path = base_path(ctx, file)
    if ctx.world.files.kind(path) == "absent":
        return Base()
    try:
        document = parse_object(ctx.world.files.read_text(path), path)
        sides = [document.get("master"), document.get("agent")]
        intact = all(isinstance(s, dict) and all(isinstance(v, str) for v in s.values()) for s in sides)
    except OpsError:
        intact, sides = False, []
    if not intact:
        message = f"{path}, in which ops keeps what the last sync of {file.path} wrote, is damaged"
        raise OpsError("invalid", message, f"mv {quote(str(path))} {quote(f'{path}.damaged')}")
    master, agent = cast("list[Mapping[str, str]]", sides)
    return Base(master, agent)


def read_comments(ctx: Context) -> dict[str, Json]:
    """The stored comments: by pointer, the digest of the captured value and the comment."""
    path = comments_path(ctx)
    return {} if ctx.world.files.kind(path) == "absent" else parse_object(ctx.world.files.read_text(path), path)


def current_comments(ctx: Context, masters: Masters) -> Mapping[str, str]:
    """The comments by pointer, where the master still holds the captured value."""
    stored = ((at, entry) for at, entry in read_comments(ctx).items() if isinstance(entry, list) and len(entry) == 2)
    desired = masters.common.values
    return {at: str(text) for at, (of, text) in stored if text and digest(desired.get(at, ABSENT)) == of}


def _folder(ctx: Context) -> Path:
    return ctx.world.state / "configs" / ctx.key
