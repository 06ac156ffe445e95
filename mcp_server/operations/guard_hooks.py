"""The guard in git itself: hooks put into each clone, taken out again, and tried by git.

A hook that stood there is kept beside ours as `<name>.ops-kept` and runs after it; a `core.hooksPath` that was set is
noted, and its hooks run too.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Literal, cast

from pydantic import Field

from mcp_server.domain.errors import OpsError
from mcp_server.domain.guard.policy import Policy
from mcp_server.domain.inventory import Agent, role_of
from mcp_server.observe.guard_state import KEPT, NAMES, POLICY, SCRIPT, STATE, TESTED, is_installed
from mcp_server.ports import Context, Effect, HookPlaces, Operation, Params, Proof

_OTHERS = [
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "pre-merge-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-rebase",
    "post-checkout",
    "post-merge",
    "pre-auto-gc",
    "post-rewrite",
    "sendemail-validate",
    "fsmonitor-watchman",
]
Outcome = Literal["installed", "removed", "tested", "unchanged", "failed"]


class Clones(Params):
    clones: list[str] = Field(
        default=[], max_length=2000, description="Folders of clones or names of agents, none: all"
    )


@dataclass(frozen=True)
class OneClone:
    """`layers`: what git did when it was let try what each hook must refuse."""

    folder: Path
    outcome: Outcome
    layers: Mapping[str, Proof]
    why: str | None = None


@dataclass(frozen=True)
class Hooks:
    clones: tuple[OneClone, ...]


def _install(ctx: Context, params: Clones) -> Hooks:
    return Hooks(tuple(_each(ctx, params, _install_one)))


def _uninstall(ctx: Context, params: Clones) -> Hooks:
    return Hooks(tuple(_each(ctx, params, _uninstall_one)))


def _test(ctx: Context, params: Clones) -> Hooks:
    return Hooks(tuple(_each(ctx, params, _test_one)))


def _each(ctx: Context, params: Clones, act: Callable[[Context, Path, Agent | None], OneClone]) -> Iterable[OneClone]:
    """One clone that fails never stops the others."""
    with ctx.world.files.lock("guard"):
        for folder, agent in _folders(ctx, params):
            try:
                yield act(ctx, folder, agent)
            except OpsError as error:
                yield OneClone(folder, "failed", dict.fromkeys(NAMES, "unknown"), f"{error.message}. {error.next}")


def _folders(ctx: Context, params: Clones) -> Iterable[tuple[Path, Agent | None]]:
    if not params.clones:
        return [(agent.folder, agent) for agent in ctx.fleet.agents]
    found: list[tuple[Path, Agent | None]] = []
    for name in params.clones:
        folder = ctx.world.cwd / Path(name).expanduser()
        if ctx.world.files.kind(folder) == "folder":
            found.append((folder, _holding(ctx, folder)))
        else:
            found.append(((agent := ctx.agent(name)).folder, agent))
    return found


def _holding(ctx: Context, folder: Path) -> Agent | None:
    try:
        return ctx.fleet.holding(folder)
    except OpsError as error:
        if error.kind == "not_found":
            return None
        raise


def _policy(ctx: Context) -> Policy:
    try:
        return ctx.fleet.policy
    except OpsError as error:
        if error.kind == "not_found":
            return Policy()
        raise


def _install_one(ctx: Context, folder: Path, agent: Agent | None) -> OneClone:
    files, places = ctx.world.files, ctx.world.git.hooks(folder)
    hooks = places.common / "hooks"
    before = _state(ctx, places)
    if files.kind(hooks) != "folder":
        raise OpsError("not_found", f"there is no folder {hooks}", f"Make it: mkdir {quote(str(hooks))}")
    previous = before.get("previous") if before else places.said
    policy = _policy_text(_policy(ctx), agent.role if agent else role_of(folder.name), previous)
    script = files.read(ctx.world.pack / SCRIPT)
    wanted = dict.fromkeys((*NAMES, *(_OTHERS if previous else ())), script)
    changed = _put(ctx, places.common / POLICY, policy.encode(), places.common, 0o644)
    if before is None:
        state = json.dumps({"local": places.local, "previous": previous})
        _put(ctx, places.common / STATE, state.encode(), places.common, 0o644)
    for name, data in wanted.items():
        path = hooks / name
        if files.kind(path) == "file" and b"ops guard: one file" not in (stood := files.read(path)):
            files.replace(hooks / (name + KEPT), stood, inside=places.common, mode=files.mode(path))
        changed |= _put(ctx, path, data, places.common, 0o755)
    if places.effective != hooks:
        ctx.world.git.set_hooks_path(folder, str(hooks))
        changed = True
    tested = _test_one(ctx, folder, agent)
    return OneClone(folder, "installed" if changed else "unchanged", tested.layers, tested.why)


def _put(ctx: Context, path: Path, data: bytes, inside: Path, mode: int) -> bool:
    files = ctx.world.files
    if files.kind(path) == "file" and files.read(path) == data and files.mode(path) == mode:
        return False
    files.replace(path, data, inside=inside, mode=mode)
    return True


def _policy_text(policy: Policy, role: str | None, previous: str | None) -> str:
    values = {
        "protected": " ".join(policy.protected),
        "branches": " ".join(policy.allowed(role)) if role else "",
        "private": " ".join(policy.private),
        "role": role or "",
        "previous": previous or "",
    }
    return "# Written by `ops guard install`.\n" + "".join(
        f"{name}={quote(value)}\n" for name, value in values.items()
    )


def _state(ctx: Context, places: HookPlaces) -> dict[str, str | None] | None:
    path = places.common / STATE
    if ctx.world.files.kind(path) == "absent":
        return None
    try:
        return cast("dict[str, str | None]", json.loads(ctx.world.files.read_text(path)))
    except ValueError:
        raise OpsError("invalid", f"{path} is no JSON", f"Look at it: cat {quote(str(path))}") from None


def _uninstall_one(ctx: Context, folder: Path, _: Agent | None) -> OneClone:
    files, places = ctx.world.files, ctx.world.git.hooks(folder)
    state = _state(ctx, places)
    if state is None:
        return OneClone(folder, "unchanged", {}, "the guard is not installed here")
    run = ctx.world.clock.now().strftime("guard-%Y%m%d-%H%M%S")
    hooks = places.common / "hooks"
    for name in (*NAMES, *_OTHERS):
        path, kept = hooks / name, hooks / (name + KEPT)
        if files.kind(path) != "file" or b"ops guard: one file" not in files.read(path):
            continue
        if files.kind(kept) == "file":
            files.replace(path, files.read(kept), inside=places.common, mode=files.mode(kept))
            files.set_aside(kept, run)
        else:
            files.set_aside(path, run)
    if places.local != state["local"]:
        ctx.world.git.set_hooks_path(folder, state["local"])
    for name in (POLICY, STATE, TESTED):
        if files.kind(places.common / name) == "file":
            files.set_aside(places.common / name, run)
    return OneClone(folder, "removed", {})


def _test_one(ctx: Context, folder: Path, _: Agent | None) -> OneClone:
    places = ctx.world.git.hooks(folder)
    layers = ctx.world.git.try_hooks(places.effective, _policy(ctx).protected[0])
    if is_installed(ctx.world, places.common):
        when = ctx.world.clock.now().isoformat(timespec="seconds")
        told = json.dumps({"at": when, "hooks": str(places.effective), "layers": layers})
        ctx.world.files.replace(places.common / TESTED, told.encode(), inside=places.common, mode=0o644)
    why = None if set(layers.values()) == {"blocks"} else "ops guard install puts the hooks in place"
    return OneClone(folder, "tested", layers, why)


def _text(result: Hooks) -> str:
    lines = [
        f"{clone.folder}: {clone.outcome}  "
        + ", ".join(f"{name} {proof}" for name, proof in clone.layers.items())
        + (f"\n  {clone.why}" if clone.why else "")
        for clone in result.clones
    ]
    return "\n".join(lines)


def _all_block(result: Hooks) -> bool:
    return all(set(clone.layers.values()) == {"blocks"} for clone in result.clones)


def _operation(verb: str, title: str, summary: str, run: Callable[[Context, Clones], Hooks]) -> Operation:
    return Operation(
        name=f"guard_{verb}",
        title=title,
        summary=summary,
        effect=Effect.WRITE,
        params=Clones,
        run=run,
        text=_text,
        ok=_all_block if verb != "uninstall" else lambda result: all(c.outcome != "failed" for c in result.clones),
        positional=("clones",),
    )


GUARD_INSTALL = _operation(
    "install",
    "Put the guard's hooks into clones",
    "Puts three git hooks into each clone, keeps and calls those that stood there, and lets git try them.",
    _install,
)
GUARD_UNINSTALL = _operation(
    "uninstall",
    "Take the guard's hooks out of clones",
    "Takes the guard's hooks out of each clone; what stood there before stands there again, byte for byte.",
    _uninstall,
)
GUARD_TEST = _operation(
    "test",
    "Try the guard's hooks",
    "Lets git try, in a scratch repository and with the hooks of each clone, what they must refuse.",
    _test,
)
