"""Whether what was written to the config of a running session is still there after the session's own next write."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mcp_server.configs.look_configs import read_sides
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.write_files import AgentConfig, digest_of
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context

_PAUSE = 0.1
"Seconds between two looks: a session writes when it likes, and tells nobody."


@dataclass(frozen=True)
class Written:
    """A config that was just written at these pointers while a session of its agent runs."""

    file: AgentConfig
    pointers: tuple[str, ...]
    wrote: str
    "The digest of the bytes."


def settled(
    ctx: Context, written: Sequence[Written], masters: Masters, patience: float
) -> Iterator[tuple[AgentConfig, str, bool]]:
    """For each: a sentence, and whether the session undid it. Waits `patience` seconds at most for all together."""
    waiting = [each for each in written if _is_read(ctx, each)]
    deadline = time.monotonic() + patience
    while waiting:
        for each in [each for each in waiting if _stands(ctx, each) != each.wrote]:
            waiting.remove(each)
            yield each.file, *_verdict(ctx, each, masters)
        if not waiting or time.monotonic() >= deadline:
            break
        time.sleep(_PAUSE)
    for each in waiting:
        yield each.file, f"the running session did not write within {patience:g} s", False


def _is_read(ctx: Context, each: Written) -> bool:
    """Whether a running process was sent to the folder of this config."""
    real, folder = ctx.world.files.real, each.file.path.parent
    places = (process.places.get("CLAUDE_CONFIG_DIR") for process in ctx.running.get(each.file.agent.name, ()))
    return any(place and real(place) == real(folder) for place in places)


def _stands(ctx: Context, each: Written) -> str:
    try:
        return digest_of(each.file.text(ctx.world).encode())
    except OpsError:
        return ""


def _verdict(ctx: Context, each: Written, masters: Masters) -> tuple[str, bool]:
    try:
        found = {d.pointer: d.state for d in read_sides(ctx, each.file, masters).differences}
    except OpsError as error:
        return f"after the session's next write: {error.message}", True
    gone = [at for at in each.pointers if found.get(at, "in_sync") != "in_sync"]
    if gone:
        return f"the session's next write undid {', '.join(gone[:5])}", True
    return "still there after the session's next write", False
