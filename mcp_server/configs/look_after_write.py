"""Whether a change to the config of a running session survives the session's own next write."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mcp_server.clients.claude import CONFIG_DIR
from mcp_server.configs.look_backups import digest_of
from mcp_server.configs.look_file import AgentConfig, encode
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.look_sides import read_sides
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context

_PAUSE = 0.1
"Seconds between two looks: nothing announces a session's write."


@dataclass(frozen=True)
class RecentWrite:
    """A write at these pointers to the config of an agent with a running session."""

    file: AgentConfig
    pointers: tuple[str, ...]
    digest: str
    "Of the bytes that were written."


def after_next_write(
    ctx: Context, writes: Sequence[RecentWrite], masters: Masters, patience: float
) -> Iterator[tuple[AgentConfig, str, bool]]:
    """For each write: its config, a message, and whether the session undid it.

    It waits `patience` seconds at most for all sessions together.
    """
    pending = [write for write in writes if _is_in_use(ctx, write.file)]
    deadline = time.monotonic() + patience
    while pending:
        for write in [write for write in pending if _digest_now(ctx, write.file) != write.digest]:
            pending.remove(write)
            yield write.file, *_outcome(ctx, write, masters)
        if not pending or time.monotonic() >= deadline:
            break
        time.sleep(_PAUSE)  # a session writes when it likes, and nothing announces it
    for write in pending:
        yield write.file, f"the running session did not write within {patience:g} s", False


def _is_in_use(ctx: Context, file: AgentConfig) -> bool:
    """Whether a running process of the agent uses the folder of this config."""
    real = ctx.world.files.real
    folders = (process.folders.get(CONFIG_DIR) for process in ctx.running.get(file.agent.name, ()))
    own = [real(folder) for folder in (file.folder, file.home) if folder]
    return any(folder and real(folder) in own for folder in folders)


def _digest_now(ctx: Context, file: AgentConfig) -> str:
    try:
        return digest_of(encode(file.text(ctx.world)))
    except OpsError:
        return ""


def _outcome(ctx: Context, write: RecentWrite, masters: Masters) -> tuple[str, bool]:
    try:
        undone = read_sides(ctx, write.file, masters).undone(write.pointers)
    except OpsError as error:
        return f"after the session's next write: {error.message}", True
    if undone:
        return f"the session's next write undid {', '.join(undone[:5])}", True
    return "still there after the session's next write", False
