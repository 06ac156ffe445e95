"""Each agent's `.claude.json` against the master: where it stands, and what a sync would do.

A plan is named by a digest over everything that was read for it and matters: the master, the bases, the observed
values at the master's pointers, and what could not be read. What else a live session writes does not change it.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Literal

from mcp_server.configs.in_sync_cache import Seen
from mcp_server.configs.look_base import read_base
from mcp_server.configs.look_locations import config_files
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.redaction import redacted
from mcp_server.configs.three_way import Base, Difference, Op, PointerState, compare, worst
from mcp_server.configs.write_files import AgentConfig
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
    """Why a file cannot be compared or written, and the one next step."""

    kind: Kind
    message: str
    next: str


@dataclass(frozen=True)
class ConfigLook:
    """One agent's config. `kept` are pointers whose other value was agreed to; they are not among `changes`."""

    file: AgentConfig
    state: ConfigState
    changes: tuple[Change, ...] = ()
    kept: tuple[str, ...] = ()
    problem: Problem | None = None
    digest: str = ""
    "Over all that this look depends on; a part of the plan's digest."
    untouched: bool = False
    "In step when a sync last looked, and nobody has touched it since."


@dataclass(frozen=True)
class Sides:
    """Both sides of one readable config, with secrets in them: for the sync, never for an answer."""

    text: str = field(repr=False)
    base: Base = field(repr=False)
    differences: tuple[Difference, ...] = field(repr=False)


def look(ctx: Context, agents: tuple[Agent, ...]) -> tuple[ConfigLook, ...]:
    """The configs of these agents. Only a master that cannot be read is an error; the rest is in the looks."""
    masters = Masters(ctx)
    return looks_at(ctx, config_files(ctx, agents), masters, Seen(ctx, masters))


def looks_at(ctx: Context, files: tuple[AgentConfig, ...], masters: Masters, seen: Seen) -> tuple[ConfigLook, ...]:
    """`look`, with the master already read."""
    step = ctx.steps(len(files), "configs")

    def look(file: AgentConfig) -> ConfigLook:
        step()
        if noted := seen.digest(file):
            return ConfigLook(file, "in_sync", digest=noted, untouched=True)
        return look_at(ctx, file, masters)

    return tuple(map(look, files))


def look_at(ctx: Context, file: AgentConfig, masters: Masters) -> ConfigLook:
    """One agent's config; what is wrong with it is told in the look, not raised."""
    try:
        sides = read_sides(ctx, file, masters)
    except OpsError as error:
        problem = Problem(error.kind, error.message, error.next)
        state: ConfigState = "absent" if error.kind == "not_found" else "unreadable"
        seen = _digest([file.agent.name, str(file.path), error.message])
        return ConfigLook(file, state, problem=problem, digest=seen)
    differences = sides.differences
    return ConfigLook(
        file,
        worst(differences),
        tuple(_change(d) for d in differences if d.state not in ("in_sync", "kept")),
        tuple(d.pointer for d in differences if d.state == "kept"),
        digest=digest_of(file, sides),
    )


def digest_of(file: AgentConfig, sides: Sides) -> str:
    """What `ConfigLook.digest` is for this file as long as nothing that matters has changed."""
    return _digest([file.agent.name, str(file.path), *(_seen(d, sides.base) for d in sides.differences)])


def read_sides(ctx: Context, file: AgentConfig, masters: Masters, text: str | None = None) -> Sides:
    """The agent's file, or `text` in its place, and its base, compared. `not_found` where there is no config,
    `invalid` and others where it cannot be read as one."""
    desired = masters.of(file)
    text = file.text(ctx.world) if text is None else text
    document, servers = file.parse(text), desired.form.servers
    if not isinstance(document.get(servers, {}), dict):
        raise OpsError("invalid", f"{servers} in {file.path} is not an object", f"Make it one in {file.path}")
    base = read_base(ctx, file)
    return Sides(text, base, compare(base, desired, document))


def plan_digest(ctx: Context, masters: Masters, looks: tuple[ConfigLook, ...]) -> str:
    """The name of the plan: 16 hex digits over the master and the looks."""
    wanted = _digest([masters.common.digest, *masters.left_out])
    return _digest([str(ctx.fleet.root), wanted, *(seen.digest for seen in looks)])[:16]


def _change(d: Difference) -> Change:
    key = keys_of(d.pointer)[-1]
    return Change(d.op, d.pointer, _shown(key, d.observed), _shown(key, d.desired), d.state)


def _shown(key: str, value: Value) -> Json:
    return None if value is ABSENT else redacted(key, value)


def _seen(d: Difference, base: Base) -> str:
    return "\n".join([d.pointer, *d.digests, base.master.get(d.pointer, ""), base.agent.get(d.pointer, "")])


def _digest(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogateescape")).hexdigest()
