"""`config_rollback` puts back the configs that a sync replaced."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mcp_server.configs.look_backups import backups, digest_of, replacement_digest, run_of
from mcp_server.configs.look_file import MOST_BYTES, AgentConfig, ConfigFile
from mcp_server.configs.look_locations import config_files
from mcp_server.configs.look_masters import master_file
from mcp_server.configs.write_base import restore_base
from mcp_server.configs.write_file import fleet_lock, new_run, write
from mcp_server.kernel.checked import Field
from mcp_server.kernel.document import columns
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class RollbackParams(Params):
    run: str | None = Field(default=None, max_length=64, description="`run` of a sync; none: the last one")
    force: bool = Field(
        default=False, description="Also replace files that were written since; their content is backed up first"
    )


@dataclass(frozen=True)
class RolledBack:
    """One file. `backup` is a copy of the content before the rollback."""

    path: Path
    state: Literal["applied", "unchanged", "refused", "failed"]
    why: str
    next: str | None = None
    backup: Path | None = None


@dataclass(frozen=True)
class ConfigRollback:
    """`of` is the run that was rolled back; `run` is this rollback, which can itself be rolled back."""

    of: str
    run: str
    files: tuple[RolledBack, ...]


def _rollback(ctx: Context, params: RollbackParams) -> ConfigRollback:
    run = new_run(ctx.world)
    with fleet_lock(ctx):
        known = [(file, backup) for file in _files(ctx) for backup in backups(ctx.world, file)]
        of = params.run or max((run_of(ctx.world, backup) or "" for _, backup in known), default=None)
        found = [(file, backup) for file, backup in known if run_of(ctx.world, backup) == of]
        if of is None or not found:
            what = f"the run {shown(of)}" if of else "any run"
            raise OpsError("not_found", f"there is no backup of a config of this fleet by {what}", _see_runs(ctx))
        rows = tuple(_restore(ctx, file, backup, run, force=params.force) for file, backup in found)
    return ConfigRollback(of, run, rows)


def _restore(ctx: Context, file: ConfigFile, backup: Path, run: str, *, force: bool) -> RolledBack:
    world = ctx.world
    try:
        before = world.files.read(backup, MOST_BYTES)
        now = file.read(world)
        if now == before:
            return RolledBack(file.path, "unchanged", "it has this content already")
        if now is not None and digest_of(now) != replacement_digest(world, backup) and not force:
            why = "it was written since: a rollback would lose what its session stored there"
            step = f"End the session, then: ops config rollback {run_of(world, backup)} --force"
            return RolledBack(file.path, "refused", why, step)
        aside = write(world, file, now, before, run)
        if file.read(world) != before:
            step = "End the session, then run this again"
            return RolledBack(file.path, "failed", "a session overwrote it at once", step, aside)
        if isinstance(file, AgentConfig):
            restore_base(ctx, file, run_of(world, backup), run)
        return RolledBack(file.path, "applied", "restored and read back", backup=aside)
    except OpsError as error:
        return RolledBack(file.path, "failed", error.message, error.next)


def _files(ctx: Context) -> tuple[ConfigFile, ...]:
    return (*config_files(ctx, ctx.fleet.agents), *([master_file(ctx)] if ctx.fleet.master else []))


def _see_runs(ctx: Context) -> str:
    return f"List the runs: ls {ctx.world.state / 'backups'}"


def _rollback_text(result: ConfigRollback) -> str:
    rows = [(str(file.path), file.state, file.why) for file in result.files]
    steps = [f"next: {file.next}" for file in result.files if file.next]
    return "\n".join([f"run {result.of} rolled back by run {result.run}", columns(rows), *dict.fromkeys(steps)])


CONFIG_ROLLBACK = Operation(
    name="config_rollback",
    title="Roll a config sync back",
    summary="Put back each config that a sync replaced, byte for byte, and the bases from before that sync.",
    effect=Effect.WRITE,
    params=RollbackParams,
    run=_rollback,
    text=_rollback_text,
    ok=lambda result: all(file.state in ("applied", "unchanged") for file in result.files),
    positional=("run",),
    destructive=True,
)
