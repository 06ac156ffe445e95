"""Puts the guard's hooks into one clone, and tests them there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import Literal

from mcp_server.guard.write_client_hook import install_hook
from mcp_server.guard.write_git_hooks import install_git_hooks, policy_text, read_state, write_state
from mcp_server.guard.write_trial import try_layers
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent, role_of
from mcp_server.operation.context import Context
from mcp_server.system.git.hooks import Proof

Outcome = Literal["installed", "removed", "tested", "unchanged", "failed"]


@dataclass(frozen=True)
class CloneResult:
    """`layers`: for each hook, whether it refused what it must refuse."""

    folder: Path
    outcome: Outcome
    layers: Mapping[str, Proof]
    why: str | None = None


def install_one(ctx: Context, folder: Path, agent: Agent | None) -> CloneResult:
    """Install what is missing in this clone; whoever calls it holds the lock `guard`."""
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
    tested = try_one(ctx, folder, agent)
    return CloneResult(folder, "installed" if changed else "unchanged", tested.layers, why or tested.why)


def _has_settings(agent: Agent | None) -> bool:
    """Whether Claude Code runs in this clone on this host."""
    return agent is None or (agent.client == "claude" and agent.run_mode == "host")


def try_one(ctx: Context, folder: Path, agent: Agent | None) -> CloneResult:
    """What each layer of this clone does with what it must refuse."""
    shims = agent is None or agent.run_mode == "host"
    layers = try_layers(ctx.world, folder, ctx.policy.protected[0], settings=_has_settings(agent), shims=shims)
    why = None if set(layers.values()) == {"blocks"} else "ops guard install puts the hooks in place"
    git = ctx.world.git
    hooks = git.hooks(folder).common / "hooks"
    if astray := [tree for tree in git.linked(folder) if git.hooks(tree).effective != hooks]:
        trees = ", ".join(map(str, astray))
        why = f"git looks for hooks elsewhere in {trees}: ops guard install {' '.join(quote(str(t)) for t in astray)}"
    return CloneResult(folder, "tested", layers, why)
