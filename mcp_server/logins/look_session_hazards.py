"""Running sessions that use another login than they should, or an older client than others on this host."""

from collections.abc import Iterator

from mcp_server.activity.look_sessions import Session, sessions, version_numbers
from mcp_server.fleet.look_env import env_folders
from mcp_server.kernel.finding import Hazard
from mcp_server.logins.look_stores import StoreLook
from mcp_server.operation.context import Context


def session_hazards(ctx: Context, looks: tuple[StoreLook, ...]) -> Iterator[Hazard]:
    """Sessions that do not use the login that they should, and those of an older client than others here."""
    found = tuple(sessions(ctx))
    yield from _astray(ctx, looks, found)
    versions = [ctx.world.claude.version(), *(session.version for session in found)]
    newest = max(map(version_numbers, versions))
    for session in found:
        if version_numbers(session.version) < newest:
            latest = ".".join(map(str, newest))
            message = f"process {session.process.pid} runs Claude Code {session.version}, {latest} is here"
            yield Hazard("old_client", (session.agent,), message, _anew(session))


def _astray(ctx: Context, looks: tuple[StoreLook, ...], found: tuple[Session, ...]) -> Iterator[Hazard]:
    empty = {look.folder for look in looks if look.state == "absent"}
    for session in found:
        agent = ctx.agent(session.agent)
        wanted = [ctx.world.files.real(folder) for folder in env_folders(ctx.world, agent)]
        if (wanted and session.store not in wanted) or (not wanted and session.store in empty - {looks[0].folder}):
            should = wanted[0] if wanted else looks[0].folder
            message = f"process {session.process.pid} uses the login in {session.store}, it should be {should}"
            yield Hazard("restart_needed", (agent.name,), message, _anew(session))


def _anew(session: Session) -> str:
    return f"End the session of process {session.process.pid}, start {session.agent} anew"
