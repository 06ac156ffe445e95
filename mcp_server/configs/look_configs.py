"""The state of each agent's config, what a sync would change, and the digest that names such a plan.

The digest covers everything that the plan depends on: the master, the bases, the values at the master's pointers, and
what could not be read. Whatever else a running session writes does not change it.
"""

from dataclasses import dataclass
from typing import Literal

from mcp_server.configs.desired import digest
from mcp_server.configs.look_file import AgentConfig
from mcp_server.configs.look_in_sync import InSyncCache
from mcp_server.configs.look_locations import config_files
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.look_sides import read_sides
from mcp_server.configs.redaction import redacted
from mcp_server.configs.three_way import Difference, Op, PointerState, worst
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import Kind, OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.pointer import ABSENT, Value, keys_of
from mcp_server.operation.context import Context

ConfigState = PointerState | Literal["absent", "unreadable"]


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
        problem = Problem(error.kind, error.message, error.next)
        state: ConfigState = "absent" if error.kind == "not_found" else "unreadable"
        parts: list[Json] = [file.agent.name, str(file.path), error.message]
        return ConfigLook(file, state, problem=problem, digest=digest(parts))
    differences = sides.differences
    return ConfigLook(
        file,
        worst(differences),
        tuple(_change(d) for d in differences if d.state not in ("in_sync", "kept")),
        tuple(d.pointer for d in differences if d.state == "kept"),
        digest=sides.digest(file),
    )


def plan_digest(ctx: Context, masters: Masters, looks: tuple[ConfigLook, ...]) -> str:
    """The name of the plan: 16 hex digits that cover the masters and the comparisons."""
    desired = digest([masters.common.digest, *masters.left_out])
    return digest([str(ctx.fleet.root), desired, *(look.digest for look in looks)])[:16]


def _change(d: Difference) -> Change:
    key = keys_of(d.pointer)[-1]
    return Change(d.op, d.pointer, _shown(key, d.observed), _shown(key, d.desired), d.state)


def _shown(key: str, value: Value) -> Json:
    return None if value is ABSENT else redacted(key, value)
