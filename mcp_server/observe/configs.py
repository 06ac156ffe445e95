"""Each agent's `.claude.json` against the master: where it stands, and what a sync would do.

A plan is named by a digest over everything that was read for it and matters: the master, the bases, the observed
values at the master's pointers, and what could not be read. What else a live session writes does not change it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Literal, cast

from mcp_server.domain.config import (
    Base,
    Desired,
    Difference,
    Op,
    PointerState,
    compare,
    desired_of,
    digest,
    overlaid,
    worst,
)
from mcp_server.domain.config_form import CLAUDE, FORMS, Form
from mcp_server.domain.document import Json
from mcp_server.domain.errors import Kind, OpsError
from mcp_server.domain.inventory import Agent, Client
from mcp_server.domain.jsontext import parse_object
from mcp_server.domain.pointer import ABSENT, Value, keys_of
from mcp_server.domain.redaction import redacted
from mcp_server.observe.config_files import AgentConfig, ConfigFile, config_files, run_of
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
    base: Base = field(repr=False)
    differences: tuple[Difference, ...] = field(repr=False)


def look(ctx: Context, agents: tuple[Agent, ...]) -> tuple[ConfigLook, ...]:
    """The configs of these agents. Only a master that cannot be read is an error; the rest is in the looks."""
    return looks_at(ctx, config_files(ctx, agents), Masters(ctx))


def looks_at(ctx: Context, files: tuple[AgentConfig, ...], masters: "Masters") -> tuple[ConfigLook, ...]:
    """`look`, with the master already read."""
    return tuple(look_at(ctx, file, masters) for file in files)


class Masters:
    """What is desired of each config: its client's master, for Claude Code with its overlays. Each is read once."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._master = parse_object(ctx.world.files.read_text(master_file(ctx).path), master_file(ctx).path)
        self.common = desired_of(self._master)
        self._known: dict[tuple[Client, tuple[Path, ...]], Desired | OpsError] = {("claude", ()): self.common}

    def of(self, file: AgentConfig) -> Desired:
        key = file.client, file.agent.overlays if file.client == "claude" else ()
        if key not in self._known:
            self._known[key] = self._made(*key)
        found = self._known[key]
        if isinstance(found, OpsError):
            raise found
        return found

    @property
    def left_out(self) -> tuple[str, ...]:
        """What of the masters and overlays used so far is not handed on, and why."""
        found = (d.left_out for d in self._known.values() if isinstance(d, Desired))
        return tuple(dict.fromkeys(line for lines in found for line in lines))

    def _made(self, client: Client, overlays: tuple[Path, ...]) -> Desired | OpsError:
        try:
            if client != "claude":
                return desired_of(self._read(self._ctx.fleet.other_masters[client], FORMS[client]), FORMS[client])
            return desired_of(reduce(overlaid, map(self._read, overlays), self._master))
        except OpsError as error:
            return OpsError("invalid", error.message, error.next)

    def _read(self, path: Path, form: Form = CLAUDE) -> dict[str, Json]:
        return form.parse(self._ctx.world.files.read_text(path), path)


def master_file(ctx: Context) -> ConfigFile:
    """The fleet's master; `not_found` where there is none."""
    if ctx.fleet.master is None:
        expected = ctx.fleet.root / "Docker" / "claude.json.master"
        raise OpsError(
            "not_found",
            f"there is no master config: neither {expected} nor a `master` that fleet.toml names",
            f"Write the shared config to {expected}",
        )
    return ConfigFile(ctx.fleet.master, ctx.fleet.master.parent)


def look_at(ctx: Context, file: AgentConfig, masters: Masters) -> ConfigLook:
    """One agent's config; what is wrong with it is told in the look, not raised."""
    try:
        sides = read_sides(ctx, file, masters)
    except OpsError as error:
        problem = Problem(error.kind, error.message, error.next)
        state: ConfigState = "absent" if error.kind == "not_found" else "unreadable"
        seen = _digest([file.agent.name, str(file.path), error.message])
        return ConfigLook(file.agent.name, file.path, state, problem=problem, digest=seen)
    differences = sides.differences
    return ConfigLook(
        file.agent.name,
        file.path,
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


def fleet_key(ctx: Context) -> str:
    """The fleet's name in the state folder: the same for every way to write its root."""
    root = ctx.world.files.real(ctx.fleet.root)
    return f"{root.name}-{_digest([str(root)])[:12]}"


def base_path(ctx: Context, file: AgentConfig) -> Path:
    """Where the base of a config lies: below the state folder, by fleet, agent and client."""
    kind = "" if file.client == "claude" else f".{file.client}"
    return ctx.world.state / "configs" / fleet_key(ctx) / f"{file.agent.name}{kind}.json"


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


def comments(ctx: Context, masters: Masters) -> Mapping[str, str]:
    """What was said when the master's values were captured, by pointer."""
    noted = ((at, entry) for at, entry in _captured(ctx).items() if isinstance(entry, list) and len(entry) == 2)
    wanted = masters.common.values
    return {at: str(text) for at, (of, text) in noted if text and digest(wanted.get(at, ABSENT)) == of}


def _captured_path(ctx: Context) -> Path:
    return ctx.world.state / "configs" / fleet_key(ctx) / "captured"


def _captured(ctx: Context) -> dict[str, Json]:
    path = _captured_path(ctx)
    return {} if ctx.world.files.kind(path) == "absent" else parse_object(ctx.world.files.read_text(path), path)


def plan_digest(ctx: Context, masters: Masters, looks: tuple[ConfigLook, ...]) -> str:
    """The name of the plan: 16 hex digits over the master and the looks."""
    desired = masters.common
    wanted = _digest([*(f"{at} {digest(value)}" for at, value in desired.values.items()), *masters.left_out])
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
