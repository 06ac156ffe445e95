"""`ops session start`: what a new session of Claude Code gets to read. Run by the hook `hooks/session-start`."""

from dataclasses import dataclass

from mcp_server.clients import claude_hook
from mcp_server.clients.claude_hook import inform
from mcp_server.kernel.errors import OpsError
from mcp_server.knowledge.look_role import reading, standing
from mcp_server.logins.look_logins import look_at_logins
from mcp_server.logins.trouble import Trouble
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


@dataclass(frozen=True)
class SessionStart:
    """`role` is the reading for an ops agent, empty for other agents."""

    troubles: tuple[Trouble, ...]
    role: str


def _start(ctx: Context, _: Params) -> SessionStart:
    return SessionStart(_troubles(ctx), reading(ctx).text if standing(ctx)[2] == "yes" else "")


def _troubles(ctx: Context) -> tuple[Trouble, ...]:
    try:
        return look_at_logins(ctx).troubles
    except OpsError as error:
        if error.kind != "not_found":
            raise
        return ()  # outside a fleet an ops agent still gets its role


def _text(answer: SessionStart) -> str:
    """The JSON that Claude Code expects from a SessionStart hook; empty if there is nothing to report."""
    warning = _warning(answer.troubles)
    context = "\n".join(part for part in (warning, answer.role) if part)
    return inform(claude_hook.SESSION_START, context, warning) if context else ""


def _warning(found: tuple[Trouble, ...]) -> str:
    if not found:
        return ""
    first, more = found[0], len(found) - 1
    return f"ops: {first.message}{f' (and {more} more: ops token check)' if more else ''}. Next: {first.next}"


SESSION_START = Operation(
    name="session_start",
    title="Report to a new session",
    summary="Prints for the SessionStart hook a login in danger and an ops agent's role, or nothing.",
    effect=Effect.READ,
    run=_start,
    text=_text,
)
