"""Locks that a git process which was killed has left in a clone: every git that writes there fails on them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Finding
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context
from mcp_server.operation.world import World

_PLACES = (".", "refs/heads", "refs/remotes/origin")
_OLD = timedelta(minutes=10)
"No git process holds a lock so long; where we cannot see the processes, it is all that tells."


def locks_in(world: World, clone: Path) -> tuple[Path, ...]:
    """The locks of git that are there at this moment."""
    folders = [clone / ".git" / place for place in _PLACES]
    try:
        return tuple(
            folder / name for folder in folders for name in world.files.names(folder) if name.endswith(".lock")
        )
    except OpsError:
        return ()


def left_locks(ctx: Context, agent: Agent, before: tuple[Path, ...]) -> Iterator[Finding]:
    """A finding for each lock of `before`, seen before the processes were, that is still there and nobody holds."""
    processes = ctx.running.get(agent.name)
    if any(process.program.startswith("git") for process in processes or ()):
        return
    for lock in sorted({*before} & {*locks_in(ctx.world, agent.folder)}):
        try:
            age = ctx.world.clock.now() - ctx.world.files.modified(lock)
        except OpsError:
            continue
        if processes is not None or age > _OLD:
            name, minutes = lock.relative_to(agent.folder), int(age.total_seconds() // 60)
            message = f"{name} is {minutes} min old, and no git runs here: git cannot write"
            yield Finding(
                "git_lock", "warning", message, f"ops runbook read git-lock-left  # AGENT={quote(agent.name)}"
            )
