"""Storing the base of each config and the comments on captured values in the state folder."""

import json
from pathlib import Path

from mcp_server.configs.desired import digest
from mcp_server.configs.look_backups import run_of
from mcp_server.configs.look_base import base_path, comments_path, read_comments
from mcp_server.configs.look_file import AgentConfig
from mcp_server.configs.three_way import Base
from mcp_server.kernel.document import Json
from mcp_server.operation.context import Context


def write_base(ctx: Context, file: AgentConfig, before: Base, after: Base, run: str) -> None:
    """Store the base for the next comparison and back up the old one. Call it after the config was written."""
    if after == before:
        return
    path = base_path(ctx, file)
    if ctx.world.files.kind(path) != "absent":
        ctx.world.files.back_up(path, run)
    _replace(ctx, path, _encode(after))
    ctx.world.files.prune_backups(path, lambda _: True)


def restore_base(ctx: Context, file: AgentConfig, of: str | None, run: str) -> None:
    """Put back the base as it was before the run `of`, for a config that is restored to the same moment."""
    files, path = ctx.world.files, base_path(ctx, file)
    if of is None or files.kind(path) == "absent":
        return
    backup = next((each for each in files.backups(path) if run_of(ctx.world, each) == of), None)
    files.back_up(path, run)
    _replace(ctx, path, files.read(backup) if backup else _encode(Base()))


def write_comment(ctx: Context, at: str, value: Json, comment: str | None) -> None:
    """Store why the master holds `value` at a pointer; plans show it as long as the master holds that value."""
    stored = read_comments(ctx)
    if comment is None and at not in stored:
        return
    _replace(ctx, comments_path(ctx), json.dumps({**stored, at: [digest(value), comment or ""]}, indent=1).encode())


def _encode(base: Base) -> bytes:
    return json.dumps({"version": 1, "master": dict(base.master), "agent": dict(base.agent)}, indent=1).encode()


def _replace(ctx: Context, path: Path, data: bytes) -> None:
    ctx.world.files.replace(path, data, inside=ctx.world.state, mode=0o600)
