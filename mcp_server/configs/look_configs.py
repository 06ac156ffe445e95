"""The state of each agent's config, what a sync would change, and the digest that names such a plan.

The digest covers everything that the plan depends on: the master, the bases, the values at the master's pointers, and
what could not be read. Whatever else a running session writes does not change it.
"""

from dataclasses import dataclass
from shlex import quote
from typing import Literal

from mcp_server.configs.desired import digest
from mcp_server.configs.dialects import DIALECTS
from mcp_server.configs.look_backups import Restore, restore_of
from mcp_server.configs.look_file import AgentConfig, LinkedOutError
from mcp_server.configs.look_in_sync import InSyncCache
from mcp_server.configs.look_locations import config_files
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.look_sides import BesideError, read_sides
from mcp_server.configs.redaction import redacted
from mcp_server.configs.servers import by_server
from mcp_server.configs.three_way import Difference, Op, PointerState, worst
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import Kind, OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.json_text import CutOffError
from mcp_server.kernel.pointer import ABSENT, Value
from mcp_server.operation.context import Context
from mcp_server.system.plain_file import TooLargeError

ConfigState = PointerState | Literal["absent", "unreadable", "unknown"]
"`unreadable`: its client cannot read it either. `unknown`: its client may read it, but ops could not compare it."


@dataclass(frozen=True)
class Change:
    """What a sync would do at one pointer. `before` and `after` are null for nothing; secrets are fingerprints."""

    op: Op
    pointer: str
    before: Json
    after: Json
    state: PointerState
    comment: str | None = None
    "Who captured the master's value, and why."


@dataclass(frozen=True)
class Problem:
    """Why a config cannot be compared or written, and the one next step."""

    kind: Kind
    message: str
    next: str
    restore: Restore | None = None
    "What can be restored; only for a config that is absent or cut off."


@dataclass(frozen=True)
class ConfigLook:
    """One agent's config. `accepted` are pointers whose other value was accepted; `changes` does not list them."""

    file: AgentConfig
    state: ConfigState
    changes: tuple[Change, ...] = ()
    accepted: tuple[str, ...] = ()
    problem: Problem | None = None
    digest: str = ""
    "Covers everything that this comparison depends on; a part of the plan's digest."
    untouched: bool = False
    "Whether it was in sync after the last sync and has not been touched since."


def look(ctx: Context, agents: tuple[Agent, ...]) -> tuple[ConfigLook, ...]:
    """The configs of these agents. Raises only for a master that cannot be read; other problems are in the result."""
    masters = Masters(ctx)
    return look_at_all(ctx, config_files(ctx, agents), masters, InSyncCache(ctx, masters))


def look_at_all(
    ctx: Context, files: tuple[AgentConfig, ...], masters: Masters, cache: InSyncCache
) -> tuple[ConfigLook, ...]:
    """Compare these configs, except those that the cache knows to be in sync."""
    step = ctx.steps(len(files), "configs")

    def look(file: AgentConfig) -> ConfigLook:
        step()
        if known := cache.digest(file):
            return ConfigLook(file, "in_sync", digest=known, untouched=True)
        return look_at(ctx, file, masters)

    return tuple(map(look, files))


def look_at(ctx: Context, file: AgentConfig, masters: Masters) -> ConfigLook:
    """Compare one config; a problem is in the result, not raised."""
    try:
        sides = read_sides(ctx, file, masters)
    except OpsError as error:
        state = _state_after(error)
        problem = _problem(ctx, file, state, error)
        source = str(problem.restore.backup) if problem.restore else ""
        parts: list[Json] = [file.agent.name, str(file.path), error.message, source]
        return ConfigLook(file, state, problem=problem, digest=digest(parts))
    differences = by_server(sides.differences, DIALECTS[file.kind].servers)
    return ConfigLook(
        file,
        worst(differences),
        tuple(_change(d) for d in differences if d.state not in ("in_sync", "kept")),
        tuple(d.pointer for d in differences if d.state == "kept"),
        digest=sides.digest(file),
    )


def _state_after(error: OpsError) -> ConfigState:
    if isinstance(error, BesideError | TooLargeError | LinkedOutError) or error.kind == "unavailable":
        return "unknown"
    return "absent" if error.kind == "not_found" else "unreadable"


def _problem(ctx: Context, file: AgentConfig, state: ConfigState, error: OpsError) -> Problem:
    holds = error.holds if isinstance(error, CutOffError) else None
    restore = restore_of(ctx.world, file, holds) if state == "absent" or isinstance(error, CutOffError) else None
    step = f"ops config plan {quote(file.agent.name)}" if restore else error.next
    if isinstance(error, CutOffError) and not restore:
        step = f"No backup of it is here: complete {file.path} in an editor, or move it away and start its client"
    message = (
        f"not understood here: {error.message}"
        if isinstance(error, TooLargeError | LinkedOutError)
        else error.message
    )
    return Problem(error.kind, message, step, restore)


def plan_digest(ctx: Context, masters: Masters, looks: tuple[ConfigLook, ...]) -> str:
    """The name of the plan: 16 hex digits that cover the masters and the comparisons."""
    desired = digest([masters.common.digest, *masters.left_out])
    return digest([str(ctx.fleet.root), desired, *(look.digest for look in looks)])[:16]


def _change(d: Difference) -> Change:
    return Change(d.op, d.pointer, _shown(d.pointer, d.observed), _shown(d.pointer, d.desired), d.state)


def _shown(at: str, value: Value) -> Json:
    return None if value is ABSENT else redacted(at, value)
