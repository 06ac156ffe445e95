"""`guard_install`, `guard_uninstall` and `guard_test`: the guard's hooks in clones, for git and for Claude Code."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from mcp_server.guard.look_installed import NAMES
from mcp_server.guard.write_client_hook import remove_hook_from
from mcp_server.guard.write_git_hooks import read_state, uninstall_git_hooks
from mcp_server.guard.write_install import CloneResult, install_one, try_one
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class Clones(Params):
    clones: list[str] = Field(
        default=[], max_length=2000, description="Folders of clones or names of agents; default: all agents"
    )


@dataclass(frozen=True)
class Results:
    clones: tuple[CloneResult, ...]


def _install(ctx: Context, params: Clones) -> Results:
    return Results(tuple(_each(ctx, params, install_one)))


def _uninstall(ctx: Context, params: Clones) -> Results:
    return Results(tuple(_each(ctx, params, _uninstall_one)))


def _test(ctx: Context, params: Clones) -> Results:
    return Results(tuple(_each(ctx, params, try_one)))


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
