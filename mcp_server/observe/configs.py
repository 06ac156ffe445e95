"""Each agent's `.claude.json` against the master: where it stands, and what a sync would do.

A plan is named by a digest over everything that was read for it and matters: the master, the bases, the observed
values at the master's pointers, and what could not be read. What else a live session writes does not change it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from mcp_server.domain.config import (
    SERVERS,
    Base,
    Desired,
    Difference,
    Op,
    PointerState,
    compare,
    desired_of,
    digest,
    worst,
)
from mcp_server.domain.document import Json
from mcp_server.domain.errors import Kind, OpsError
from mcp_server.domain.inventory import Agent
from mcp_server.domain.jsontext import parse_object
from mcp_server.domain.pointer import ABSENT, Value, keys_of
from mcp_server.domain.redaction import redacted
from mcp_server.ports import Context

ConfigState = PointerState | Literal["absent", "unreadable"]


@dataclass(frozen=True)
class Change:
    """What a sync would do at one pointer. `before` and `after` are null for nothing; secrets are fingerprints."""

    op: Op
    pointer: str
    before: Json
    after: Json
    state: PointerState


@dataclass(frozen=True)
class Problem:
    """Why a file cannot be compared or written, and the one next step."""

    kind: Kind
    message: str
    next: str


@dataclass(frozen=True)
class ConfigLook:
    """One agent's config. `kept` are pointers whose other value was agreed to; they are not among `changes`."""

    agent: str
    path: Path
    state: ConfigState
    changes: tuple[Change, ...] = ()
    kept: tuple[str, ...] = ()
    problem: Problem | None = None
    digest: str = ""
    "Over all that this look depends on; a part of the plan's digest."


@dataclass(frozen=True)
class Sides:
    """Both sides of one readable config, with secrets in them: for the sync, never for an answer."""

    text: str = field(repr=False)
    document: dict[str, Json] = field(repr=False)
    base: Base = field(repr=False)
    differences: tuple[Difference, ...] = field(repr=False)


def look(ctx: Context, agents: tuple[Agent, ...]) -> tuple[ConfigLook, ...]:
    """The configs of these agents. Only a master that cannot be read is an error; the rest is in the looks."""
    return looks_at(ctx, agents, desired_config(ctx))


def looks_at(ctx: Context, agents: tuple[Agent, ...], desired: Desired) -> tuple[ConfigLook, ...]:
    """`look`, with the master already read."""
    return tuple(look_at(ctx, agent, desired) for agent in agents)


def desired_config(ctx: Context) -> Desired:
    """What the fleet's master asks for."""
    master = ctx.fleet.master
    if master is None:
        expected = ctx.fleet.root / "Docker" / "claude.json.master"
        raise OpsError(
            "not_found",
            f"there is no master config: neither {expected} nor a `master` that fleet.toml names",
            f"Write the shared config to {expected}",
        )
    return desired_of(parse_object(ctx.world.files.read_text(master), master))


def look_at(ctx: Context, agent: Agent, desired: Desired) -> ConfigLook:
    """One agent's config against `desired`; what is wrong with it is told in the look, not raised."""
    try:
        sides = read_sides(ctx, agent, desired)
    except OpsError as error:
        problem = Problem(error.kind, error.message, error.next)
        state: ConfigState = "absent" if error.kind == "not_found" else "unreadable"
        seen = _digest([agent.name, str(agent.config), error.message])
        return ConfigLook(agent.name, agent.config, state, problem=problem, digest=seen)
    differences = sides.differences
    return ConfigLook(
        agent.name,
        agent.config,
        worst(differences),
        tuple(_change(d) for d in differences if d.state not in ("in_sync", "kept")),
        tuple(d.pointer for d in differences if d.state == "kept"),
        digest=digest_of(agent, sides),
    )


def digest_of(agent: Agent, sides: Sides) -> str:
    """What `ConfigLook.digest` is for this agent as long as nothing that matters has changed."""
    return _digest([agent.name, str(agent.config), *(_seen(d, sides.base) for d in sides.differences)])


def read_sides(ctx: Context, agent: Agent, desired: Desired) -> Sides:
    """The agent's file and base, compared. `not_found` where there is no config, `invalid` and others where it
    cannot be read as one."""
    files = ctx.world.files
    if files.kind(agent.folder) == "link":  # two agents must not turn out to be one file
        raise OpsError("invalid", f"{agent.folder} is a symbolic link", f"Make a clone of its own at {agent.folder}")
    if files.kind(agent.config) == "absent":
        raise _no_config(agent, files.kind(agent.folder) == "folder")
    text = files.read_text(agent.config)
    document = parse_object(text, agent.config)
    if not isinstance(document.get(SERVERS, {}), dict):
        raise OpsError("invalid", f"{SERVERS} in {agent.config} is not an object", f"Make it one in {agent.config}")
    base = read_base(ctx, agent)
    return Sides(text, document, base, compare(base, desired, document))


def fleet_key(ctx: Context) -> str:
    """The fleet's name in the state folder: the same for every way to write its root."""
    root = ctx.world.files.real(ctx.fleet.root)
    return f"{root.name}-{_digest([str(root)])[:12]}"


def base_path(ctx: Context, agent: Agent) -> Path:
    """Where the base of an agent lies: below the state folder, by fleet and name."""
    return ctx.world.state / "configs" / fleet_key(ctx) / f"{agent.name}.json"


def read_base(ctx: Context, agent: Agent) -> Base:
    """The agent's base; an empty one before its first sync."""
    path = base_path(ctx, agent)
    if ctx.world.files.kind(path) == "absent":
        return Base()
    found = parse_object(ctx.world.files.read_text(path), path)
    sides = [found.get("master"), found.get("agent")]
    if not all(isinstance(s, dict) and all(isinstance(v, str) for v in s.values()) for s in sides):
        raise OpsError("invalid", f"{path} is not a base of ours", f"Remove {path}: the next plan starts without it")
    master, observed = cast("list[Mapping[str, str]]", sides)
    return Base(master, observed)


def plan_digest(ctx: Context, desired: Desired, looks: tuple[ConfigLook, ...]) -> str:
    """The name of the plan: 16 hex digits over the master and the looks."""
    wanted = _digest([*(f"{at} {digest(value)}" for at, value in desired.values.items()), *desired.left_out])
    return _digest([str(ctx.fleet.root), wanted, *(seen.digest for seen in looks)])[:16]


def _no_config(agent: Agent, folder: bool) -> OpsError:
    if not folder:
        return OpsError("not_found", f"there is no folder {agent.folder}", f"Clone the repository to {agent.folder}")
    return OpsError(
        "not_found",
        f"there is no {agent.config}",
        f"Start Claude Code once with CLAUDE_CONFIG_DIR={agent.folder}, or put back a backup, then plan again",
    )


def _change(d: Difference) -> Change:
    key = keys_of(d.pointer)[-1]
    return Change(d.op, d.pointer, _shown(key, d.observed), _shown(key, d.desired), d.state)


def _shown(key: str, value: Value) -> Json:
    return None if value is ABSENT else redacted(key, value)


def _seen(d: Difference, base: Base) -> str:
    return "\n".join([d.pointer, *d.digests, base.master.get(d.pointer, ""), base.agent.get(d.pointer, "")])


def _digest(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogateescape")).hexdigest()
