"""Running sessions that use another login than they should, or an older client than others on this host."""

from collections.abc import Iterator, Mapping

from mcp_server.activity.look_sessions import Session, sessions
from mcp_server.clients.claude import LONG_LIVED
from mcp_server.clients.tested import version_numbers
from mcp_server.kernel.finding import Hazard
from mcp_server.logins.agent_login import AgentLogin
from mcp_server.logins.store import Store
from mcp_server.operation.context import Context


def session_hazards(ctx: Context, stores: tuple[Store, ...], logins: Mapping[str, AgentLogin]) -> Iterator[Hazard]:
    """`restart_needed` for each session with the wrong login, `old_client` for each with an outdated client."""
    found = tuple(sessions(ctx))
    yield from _with_wrong_login(stores, logins, found)
    versions = [ctx.world.claude.version(), *(session.version for session in found)]
    newest = max(map(version_numbers, versions))
    for session in found:
        if version_numbers(session.version) < newest:
            latest = ".".join(map(str, newest))
            message = f"process {session.process.pid} runs Claude Code {session.version}, {latest} is here"
            yield Hazard("old_client", (session.agent,), message, _restart(session))


def _with_wrong_login(
    stores: tuple[Store, ...], logins: Mapping[str, AgentLogin], found: tuple[Session, ...]
) -> Iterator[Hazard]:
    """Where nobody named the login of an agent, its sessions may use another store that holds one."""
    empty = {store.folder for store in stores if store.state == "absent"}
    for session in found:
        login = logins[session.agent]
        if login.kind == "long_lived":
            right = None if LONG_LIVED in session.process.shadows else "the agent's long-lived token"
        else:
            wrong = session.store != login.store and (login.named or session.store in empty)
            right = login.store if wrong else None
        if right:
            message = f"process {session.process.pid} uses the login in {session.store}, it should be {right}"
            yield Hazard("restart_needed", (session.agent,), message, _restart(session))


def _restart(session: Session) -> str:
    return f"End the session of process {session.process.pid}, then start {session.agent} again"
