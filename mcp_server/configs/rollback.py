"""The ways back: `config_rollback` puts the bytes before a sync in their place, `config_capture` brings an agent's
good change into the master."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from mcp_server.configs.formats import CLAUDE
from mcp_server.configs.look_base import note_comment, put_base_back
from mcp_server.configs.look_locations import config_files
from mcp_server.configs.look_masters import master_file
from mcp_server.configs.redaction import redacted
from mcp_server.configs.three_way import desired_of
from mcp_server.configs.write_files import AgentConfig, ConfigFile, digest_of, new_run, noted_digest, run_of, utf8
from mcp_server.kernel.document import Json, columns
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.json_text import dump, layout_of, parse_object
from mcp_server.kernel.pointer import ABSENT, keys_of, pointer, value_at, with_value
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class RollbackParams(Params):
    run: str | None = Field(default=None, max_length=64, description="`run` of a sync; none: the last one")
    force: bool = Field(
        default=False, description="Also where the file was written since: what stands there now is backed up first"
    )


class CaptureParams(Params):
    name: str = Field(max_length=64, description="The agent whose value is good for all")
    pointer: str = Field(max_length=500, description="Where it stands: /theme, /mcpServers/NAME")
    comment: str | None = Field(default=None, max_length=200, description="Why; plans show it beside the change")


@dataclass(frozen=True)
class RolledBack:
    """One file. `backup` is what stood there before the rollback."""

    path: Path
    state: Literal["applied", "unchanged", "refused", "failed"]
    why: str
    next: str | None = None
    backup: Path | None = None


@dataclass(frozen=True)
class ConfigRollback:
    """`of` is the run that was taken back, `run` this one, which can be taken back as well."""

    of: str
    run: str
    files: tuple[RolledBack, ...]


@dataclass(frozen=True)
class ConfigCapture:
    """What the master held at the pointer and holds now; secrets are fingerprints."""

    master: Path
    pointer: str
    before: Json
    after: Json
    backup: Path | None
    run: str
    next: str


def _rollback(ctx: Context, params: RollbackParams) -> ConfigRollback:
    run = new_run(ctx.world)
    with ctx.world.files.lock(f"configs-{ctx.key}"):
        kept = [(file, backup) for file in _files(ctx) for backup in file.backups(ctx.world)]
        of = params.run or max((run_of(ctx.world, backup) or "" for _, backup in kept), default=None)
        found = [(file, backup) for file, backup in kept if run_of(ctx.world, backup) == of]
        if of is None or not found:
            what = f"the run {shown(of)}" if of else "any run"
            raise OpsError("not_found", f"there is no backup of a config of this fleet by {what}", _see_runs(ctx))
        rows = tuple(_put_back(ctx, file, backup, run, force=params.force) for file, backup in found)
    return ConfigRollback(of, run, rows)


def _put_back(ctx: Context, file: ConfigFile, backup: Path, run: str, *, force: bool) -> RolledBack:
    world = ctx.world
    try:
        before = world.files.read(backup)
        now = file.held(world)
        if now == before:
            return RolledBack(file.path, "unchanged", "it holds these bytes")
        if now is not None and digest_of(now) != noted_digest(world, backup) and not force:
            why = "it was written since: taking that back would lose what its session keeps there"
            step = f"End the session, then: ops config rollback {run_of(world, backup)} --force"
            return RolledBack(file.path, "refused", why, step)
        aside = file.write(world, now, before, run)
        if file.held(world) != before:
            step = "End the session, then run this again"
            return RolledBack(file.path, "failed", "a session wrote it at once", step, aside)
        if isinstance(file, AgentConfig):
            put_base_back(ctx, file, run_of(world, backup), run)
        return RolledBack(file.path, "applied", "the bytes before stand there again, read back", backup=aside)
    except OpsError as error:
        return RolledBack(file.path, "failed", error.message, error.next)


def _files(ctx: Context) -> tuple[ConfigFile, ...]:
    return (*config_files(ctx, ctx.fleet.agents), *([master_file(ctx)] if ctx.fleet.master else []))


def _see_runs(ctx: Context) -> str:
    return f"See which there are: ls {ctx.world.state / 'backups'}"


def _capture(ctx: Context, params: CaptureParams) -> ConfigCapture:
    agent, at = ctx.agent(params.name), params.pointer
    run = new_run(ctx.world)
    with ctx.world.files.lock(f"configs-{ctx.key}"):
        source = next((file for file in config_files(ctx, [agent]) if file.client == "claude"), None)
        if source is None:
            step = f"Edit the {agent.client}_master by hand"
            raise OpsError("not_found", f"{agent.name} has no .claude.json to capture from", step)
        value = value_at(parse_object(source.text(ctx.world), source.path), at)
        if value is ABSENT:
            raise OpsError("not_found", f"{source.path} holds nothing at {shown(at)}", "Name a pointer of a plan")
        _refuse_what_is_not_shared(at, value)
        master = master_file(ctx)
        held = master.held(ctx.world) or b""
        text = utf8(held, master.path)
        document = parse_object(text, master.path)
        before = value_at(document, at)
        changed = dump(with_value(document, at, value), layout_of(text)).encode()
        backup = master.write(ctx.world, held, changed, run) if before != value else None
        note_comment(ctx, at, value, f"{agent.name}: {params.comment}" if params.comment else None)
    key = keys_of(at)[-1]
    old, new = None if before is ABSENT else redacted(key, before), redacted(key, value)
    step = "See who gets it: ops config plan"
    if "[secret " in str(new):
        step = f"If that is a secret, put ${{NAME}} in its place in {master.path}; then: ops config plan"
    return ConfigCapture(master.path, at, old, new, backup, run, step)


def _refuse_what_is_not_shared(at: str, value: Json) -> None:
    keys = keys_of(at)
    unit = 2 if keys[:1] == (CLAUDE.servers,) else 1
    if len(keys) != unit:
        step = f"Name {pointer(*keys[:unit]) if len(keys) > unit else '/KEY or /mcpServers/NAME'}"
        raise OpsError("invalid", f"{shown(at)} is not a unit of a sync", step)
    document: dict[str, Json] = {CLAUDE.servers: {keys[1]: value}} if len(keys) == 2 else {keys[0]: value}
    if left_out := desired_of(document).left_out:
        raise OpsError("denied", f"not captured: {left_out[0]}", "Leave it to the agent")


def _rollback_text(result: ConfigRollback) -> str:
    rows = [(str(file.path), file.state, file.why) for file in result.files]
    steps = [f"next: {file.next}" for file in result.files if file.next]
    return "\n".join([f"run {result.of} taken back by run {result.run}", columns(rows), *dict.fromkeys(steps)])


def _capture_text(result: ConfigCapture) -> str:
    before, after = (json.dumps(side, ensure_ascii=False) for side in (result.before, result.after))
    lines = [f"{result.master}", f"    {result.pointer}  {before} -> {after}"]
    lines += [f"    backup: {result.backup}"] if result.backup else ["    the master has it already"]
    return "\n".join([*lines, f"next: {result.next}"])


CONFIG_ROLLBACK = Operation(
    name="config_rollback",
    title="Roll a config sync back",
    summary="Put each config that a sync replaced back, byte for byte, and forget what that sync noted.",
    effect=Effect.WRITE,
    params=RollbackParams,
    run=_rollback,
    text=_rollback_text,
    ok=lambda result: all(file.state in ("applied", "unchanged") for file in result.files),
    positional=("run",),
    destructive=True,
)

CONFIG_CAPTURE = Operation(
    name="config_capture",
    title="Capture an agent's change",
    summary="Bring the value that an agent holds at a pointer into the master, for all agents.",
    effect=Effect.WRITE,
    params=CaptureParams,
    run=_capture,
    text=_capture_text,
    ok=lambda _: True,
    positional=("name", "pointer"),
    destructive=True,
)
