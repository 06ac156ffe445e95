"""Makes the clone of a new agent, with its `.env`, its config and the guard's hooks."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from typing import Literal

from mcp_server.agents.environment import IGNORED, PRIVATE
from mcp_server.configs.write_first import write_first_config
from mcp_server.guard.write_install import install_one
from mcp_server.kernel.errors import OpsError, refused_by_os
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context


@dataclass(frozen=True)
class Step:
    """One step. `trouble`: the agent is there without it, `next` mends that."""

    name: str
    state: Literal["planned", "done", "trouble"]
    message: str
    next: str | None = None


def add_agent(ctx: Context, agent: Agent, origin: str) -> tuple[Step, ...]:
    """Clone, then the rest; a clone that fails leaves nothing. The folder appears only when the clone is whole."""
    with refused_by_os(f"no clone can be made in {agent.folder.parent}", f"ls -la {agent.folder.parent}"):
        aside = Path(tempfile.mkdtemp(prefix=".ops-add-", dir=agent.folder.parent))
    try:
        ctx.world.git.change.clone(origin, aside / agent.name)
        _hide_private(ctx, aside / agent.name)
        ctx.world.files.replace(
            aside / agent.name / ".env", f"AGENT_NAME={agent.name}\n".encode(), inside=aside, mode=0o600
        )
        if ctx.world.files.kind(agent.folder) != "absent":
            raise OpsError("conflict", f"{agent.folder} was made meanwhile", f"Look at it: ls -la {agent.folder}")
        with refused_by_os(f"{agent.folder} cannot be made", f"ls -la {agent.folder.parent}"):
            (aside / agent.name).rename(agent.folder)
    finally:
        with suppress(OSError):
            rmtree(aside)
    cloned = Step("clone", "done", f"{origin} in {agent.folder}")
    return (cloned, Step("env", "done", f"{agent.env_file} sets AGENT_NAME"), *_rest(replace(ctx), agent))


def _hide_private(ctx: Context, clone: Path) -> None:
    """Have git ignore what must never be committed, if the repository itself does not."""
    if ctx.world.git.unignored(clone, PRIVATE):
        exclude = clone / ".git" / "info" / "exclude"
        before = ctx.world.files.read_text(exclude) if ctx.world.files.kind(exclude) != "absent" else ""
        lines = "".join(f"{line}\n" for line in IGNORED)
        ctx.world.files.replace(exclude, (before + lines).encode(), inside=clone / ".git", mode=0o644)


def _rest(ctx: Context, agent: Agent) -> Iterator[Step]:
    """`ctx` reads the fleet again, with the new agent in it."""
    yield _step("config", f"ops config plan {agent.name}", lambda: _config(ctx, agent))
    yield _step("hooks", f"ops guard install {agent.name}", lambda: _hooks(ctx, agent))


def _step(name: str, mend: str, act: Callable[[], str | None]) -> Step:
    try:
        problem = act()
    except OpsError as error:
        return Step(name, "trouble", error.message, error.next)
    return Step(name, "trouble", problem, mend) if problem else Step(name, "done", _DONE[name])


_DONE = {"config": "with the values of the master, if there is one", "hooks": "each of the guard's layers blocks"}


def _config(ctx: Context, agent: Agent) -> str | None:
    row = write_first_config(ctx, agent)
    return None if row is None or row.state in ("applied", "unchanged") else row.why


def _hooks(ctx: Context, agent: Agent) -> str | None:
    with ctx.world.files.lock("guard"):
        result = install_one(ctx, agent.folder, agent)
    open_layers = [name for name, proof in result.layers.items() if proof != "blocks"]
    return (result.why or f"{', '.join(open_layers)} do not block") if open_layers else None
