"""What an agent does, and since when. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from mcp_server.clients import claude, codex, gemini
from mcp_server.kernel.inventory import Agent, Client, RunMode

State = Literal["busy", "waiting", "idle", "running", "stopped", "absent", "unknown"]
_STRONGEST: Final[tuple[State, ...]] = ("busy", "waiting", "unknown", "running", "idle")
CLIENTS: Final[Mapping[Client, str]] = {"claude": claude.PROGRAM, "codex": codex.PROGRAM, "gemini": gemini.PROGRAM}


@dataclass(frozen=True)
class Doing:
    """One session of an agent's client. `running`: no session file says what it does."""

    pid: int
    state: State
    since: datetime | None
    what: str


@dataclass(frozen=True)
class Activity:
    """One agent; `state` is that of the session that needs the most care. `unknown` is never taken for stopped."""

    agent: str
    client: Client
    state: State
    since: datetime | None
    what: str
    role: str
    run_mode: RunMode
    folder: str
    sessions: tuple[Doing, ...] = ()


def activity_of(agent: Agent, sessions: Sequence[Doing], otherwise: tuple[State, datetime | None, str]) -> Activity:
    """The activity of an agent with these sessions; without any it is `otherwise`."""
    first = min(sessions, key=lambda each: _STRONGEST.index(each.state), default=None)
    state, since, what = (first.state, first.since, first.what) if first else otherwise
    more = f" (and {len(sessions) - 1} more)" if len(sessions) > 1 else ""
    about = (agent.role, agent.run_mode, str(agent.folder))
    return Activity(agent.name, agent.client, state, since, what + more, *about, tuple(sessions))


def doing_of(pid: int, file: Mapping[str, object]) -> Doing:
    """What a session's own file says that it does."""
    status = str(file.get(claude.SESSION_STATUS, ""))
    since = file.get(claude.SESSION_STATUS_SINCE) or file.get(claude.SESSION_BEGAN)
    at = datetime.fromtimestamp(since / 1000, UTC) if isinstance(since, int | float) else None
    name = (
        f" {file[claude.SESSION_NAME]}" if file.get(claude.SESSION_NAMED_BY) == claude.SESSION_NAMED_BY_USER else ""
    )
    if status == claude.SESSION_WAITS:
        return Doing(
            pid, "waiting", at, f"session{name} waits: {file.get(claude.SESSION_WAITS_FOR) or 'for its human'}"
        )
    if status == claude.SESSION_BUSY:
        return Doing(pid, "busy", at, f"session{name} is in a turn")
    if status == claude.SESSION_IDLE:
        return Doing(pid, "idle", at, f"session{name} waits for a prompt")
    return Doing(pid, "running", at, f"session{name} does not say what it does")


def is_client(client: Client, program: str, script: str) -> bool:
    """Whether a process is that client, by its program's name, or that of the script that an interpreter runs."""
    wanted = CLIENTS[client]
    return program == wanted or program.startswith(f"{wanted}.") or script.split(".", maxsplit=1)[0] == wanted
