"""Running sessions that use another login than they should, or an older client than others on this host."""

from collections.abc import Iterator

from mcp_server.activity.look_sessions import Session, sessions
from mcp_server.clients.tested import version_numbers
from mcp_server.fleet.look_env import env_folders
from mcp_server.kernel.finding import Hazard
from mcp_server.logins.store import Store
from mcp_server.operation.context import Context


def session_hazards(ctx: Context, stores: tuple[Store, ...]) -> Iterator[Hazard]:
    """`restart_needed` for each session with the wrong store, `old_client` for each with an outdated client."""
    found = tuple(sessions(ctx))
    yield from _with_wrong_store(ctx, stores, found)
    versions = [ctx.world.claude.version(), *(session.version for session in found)]
    newest = max(map(version_numbers, versions))
    for session in found:
        if version_numbers(session.version) < newest:
            latest = ".".join(map(str, newest))
            message = f"process {session.process.pid} runs Claude Code {session.version}, {latest} is here"
            yield Hazard("old_client", (session.agent,), message, _restart(session))


def _with_wrong_store(ctx: Context, stores: tuple[Store, ...], found: tuple[Session, ...]) -> Iterator[Hazard]:
    """The right store is the one that the agent's `.env` names, else the host's if the session's own is empty."""
    empty = {store.folder for store in stores if store.state == "absent"}
    host = stores[0].folder
    for session in found:
        wanted = [ctx.world.files.real(folder) for folder in env_folders(ctx.world, ctx.agent(session.agent))]
        if (wanted and session.store not in wanted) or (not wanted and session.store in empty - {host}):
            right = wanted[0] if wanted else host
            message = f"process {session.process.pid} uses the login in {session.store}, it should be {right}"
            yield Hazard("restart_needed", (session.agent,), message, _restart(session))


def _restart(session: Session) -> str:
    return f"End the session of process {session.process.pid}, then start {session.agent} again"
