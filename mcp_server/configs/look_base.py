"""What the state folder remembers of configs: the base of each comparison, and why a master's value was captured."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from mcp_server.configs.look_masters import Masters
from mcp_server.configs.three_way import Base, digest
from mcp_server.configs.write_files import AgentConfig, run_of
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_text import parse_object
from mcp_server.kernel.pointer import ABSENT
from mcp_server.operation.context import Context


def base_path(ctx: Context, file: AgentConfig) -> Path:
    """Where the base of a config lies: below the state folder, by fleet, agent and client."""
    kind = "" if file.client == "claude" else f".{file.client}"
    return ctx.world.state / "configs" / ctx.key / f"{file.agent.name}{kind}.json"


def read_base(ctx: Context, file: AgentConfig) -> Base:
    """The base of a config; an empty one before its first sync."""
    path = base_path(ctx, file)
    if ctx.world.files.kind(path) == "absent":
        return Base()
    found = parse_object(ctx.world.files.read_text(path), path)
    sides = [found.get("master"), found.get("agent")]
    if not all(isinstance(s, dict) and all(isinstance(v, str) for v in s.values()) for s in sides):
        raise OpsError("invalid", f"{path} is not a base of ours", f"Remove {path}: the next plan starts without it")
    master, observed = cast("list[Mapping[str, str]]", sides)
    return Base(master, observed)


def note_base(ctx: Context, file: AgentConfig, before: Base, after: Base, run: str) -> None:
    """Keep the base for the next comparison, and the old one for a rollback; it never runs ahead of the config."""
    if after == before:
        return
    path = base_path(ctx, file)
    if ctx.world.files.kind(path) != "absent":
        ctx.world.files.back_up(path, run)
    document = {"version": 1, "master": dict(after.master), "agent": dict(after.agent)}
    ctx.world.files.replace(path, json.dumps(document, indent=1).encode(), inside=ctx.world.state, mode=0o600)
    ctx.world.files.prune_backups(path, lambda _: True)


def put_base_back(ctx: Context, file: AgentConfig, of: str | None, run: str) -> None:
    """The base of the comparison as it was before the run `of`, for a file that is put back as it was then."""
    files, path = ctx.world.files, base_path(ctx, file)
    if of is None or files.kind(path) == "absent":
        return
    kept = next((backup for backup in files.backups(path) if run_of(ctx.world, backup) == of), None)
    files.back_up(path, run)
    nothing = json.dumps({"version": 1, "master": {}, "agent": {}}).encode()
    files.replace(path, files.read(kept) if kept else nothing, inside=ctx.world.state, mode=0o600)


def note_comment(ctx: Context, at: str, value: Json, comment: str | None) -> None:
    """Remember why the master holds `value`; plans show it until the master's value is another one."""
    kept = _captured(ctx)
    if comment is None and at not in kept:
        return
    document: dict[str, Json] = {**kept, at: [digest(value), comment or ""]}
    path = _captured_path(ctx)
    ctx.world.files.replace(path, json.dumps(document, indent=1).encode(), inside=ctx.world.state, mode=0o600)


def captured_comments(ctx: Context, masters: Masters) -> Mapping[str, str]:
    """What was said when the master's values were captured, by pointer."""
    noted = ((at, entry) for at, entry in _captured(ctx).items() if isinstance(entry, list) and len(entry) == 2)
    wanted = masters.common.values
    return {at: str(text) for at, (of, text) in noted if text and digest(wanted.get(at, ABSENT)) == of}


def _captured_path(ctx: Context) -> Path:
    return ctx.world.state / "configs" / ctx.key / "captured"


def _captured(ctx: Context) -> dict[str, Json]:
    path = _captured_path(ctx)
    return {} if ctx.world.files.kind(path) == "absent" else parse_object(ctx.world.files.read_text(path), path)
