"""`guard_install`, `guard_uninstall` and `guard_test`: the guard's hooks in clones, for git and for Claude Code."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from mcp_server.guard.look_installed import NAMES
from mcp_server.guard.write_client_hook import install_hook, remove_hook_from
from mcp_server.guard.write_git_hooks import (
    install_git_hooks,
    policy_text,
    read_state,
    uninstall_git_hooks,
    write_state,
)
from mcp_server.guard.write_trial import try_layers
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent, role_of
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.system.git.hooks import Proof

Outcome = Literal["installed", "removed", "tested", "unchanged", "failed"]


class Clones(Params):
    clones: list[str] = Field(
        default=[], max_length=2000, description="Folders of clones or names of agents; default: all agents"
    )


@dataclass(frozen=True)
class CloneResult:
    """`layers`: for each hook, whether it refused what it must refuse."""

    folder: Path
    outcome: Outcome
    layers: Mapping[str, Proof]
    why: str | None = None


@dataclass(frozen=True)
class Results:
    clones: tuple[CloneResult, ...]


def _install(ctx: Context, params: Clones) -> Results:
    return Results(tuple(_each(ctx, params, _install_one)))


def _uninstall(ctx: Context, params: Clones) -> Results:
    return Results(tuple(_each(ctx, params, _uninstall_one)))


def _test(ctx: Context, params: Clones) -> Results:
    return Results(tuple(_each(ctx, params, _test_one)))


def _each(
    ctx: Context, params: Clones, act: Callable[[Context, Path, Agent | None], CloneResult]
) -> Iterable[CloneResult]:
    """A clone that fails does not stop the others."""
    with ctx.world.files.lock("guard"):
        for folder, agent in _folders(ctx, params):
            try:
                yield act(ctx, folder, agent)
            except OpsError as error:
                yield CloneResult(folder, "failed", dict.fromkeys(NAMES, "unknown"), f"{error.message}. {error.next}")


def _folders(ctx: Context, params: Clones) -> Iterable[tuple[Path, Agent | None]]:
    if not params.clones:
        return [(agent.folder, agent) for agent in ctx.fleet.agents]
    here, found = ctx.fleet_here, list[tuple[Path, Agent | None]]()
    for name in params.clones:
        folder = ctx.world.cwd / Path(name).expanduser()
        if ctx.world.files.kind(folder) == "folder":
            found.append((folder, ctx.holding(folder) if here else None))
        else:
            found.append(((agent := ctx.agent(name)).folder, agent))
    return found


def _install_one(ctx: Context, folder: Path, agent: Agent | None) -> CloneResult:
    paths = ctx.world.git.hooks(folder)
    before = read_state(ctx.world, paths)
    role = agent.role if agent else role_of(folder.name)
    state, changed = install_git_hooks(ctx.world, folder, policy_text(ctx.policy, role), before)
    why = None
    if _has_settings(agent):
        try:
            state = replace(state, settings=install_hook(ctx.world, folder, paths.common, state.settings))
        except OpsError as error:
            why = f"{error.message}. {error.next}"
    changed |= write_state(ctx.world, paths, state)
    tested = _test_one(ctx, folder, agent)
    return CloneResult(folder, "installed" if changed else "unchanged", tested.layers, why or tested.why)


def _has_settings(agent: Agent | None) -> bool:
    """Whether Claude Code runs in this clone on this host."""
    return agent is None or (agent.client == "claude" and agent.run_mode == "host")


def _uninstall_one(ctx: Context, folder: Path, _: Agent | None) -> CloneResult:
    paths = ctx.world.git.hooks(folder)
    state = read_state(ctx.world, paths)
    if state is None:
        return CloneResult(folder, "unchanged", {}, "the guard is not installed here")
    run = ctx.world.clock.now().strftime("guard-%Y%m%d-%H%M%S")
    if state.settings:
        remove_hook_from(ctx.world, folder, paths.common, state.settings, run)
    uninstall_git_hooks(ctx.world, folder, state, run)
    return CloneResult(folder, "removed", {})


def _test_one(ctx: Context, folder: Path, agent: Agent | None) -> CloneResult:
    shims = agent is None or agent.run_mode == "host"
    layers = try_layers(ctx.world, folder, ctx.policy.protected[0], settings=_has_settings(agent), shims=shims)
    why = None if set(layers.values()) == {"blocks"} else "ops guard install puts the hooks in place"
    return CloneResult(folder, "tested", layers, why)


def _text(result: Results) -> str:
    lines = [
        f"{clone.folder}: {clone.outcome}  "
        + ", ".join(f"{name} {proof}" for name, proof in clone.layers.items())
        + (f"\n  {clone.why}" if clone.why else "")
        for clone in result.clones
    ]
    return "\n".join(lines)


def _all_block(result: Results) -> bool:
    return all(set(clone.layers.values()) == {"blocks"} for clone in result.clones)


def _operation(verb: str, title: str, summary: str, run: Callable[[Context, Clones], Results]) -> Operation:
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
    "Install the guard's hooks",
    "Installs three git hooks in each clone, keeps and calls the hooks that were there, and tests them with git.",
    _install,
)
GUARD_UNINSTALL = _operation(
    "uninstall",
    "Uninstall the guard's hooks",
    "Removes the guard's hooks from each clone and restores what was there before, byte for byte.",
    _uninstall,
)
GUARD_TEST = _operation(
    "test",
    "Test the guard's hooks",
    "Runs what the hooks of each clone must refuse, with git in a scratch repository.",
    _test,
)
