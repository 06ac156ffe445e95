"""Audit findings about agents' own folders: sessions in a clone, from where `git add` would take them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote

from mcp_server.agents.look_old_home import OldHome, exposed_folder, left_by_container, look_at_old_home, plan_digest
from mcp_server.agents.look_plain_start import becomes_agent, plain_sessions, step_to_wrapper
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Concern, Contribution, Finding
from mcp_server.kernel.humanize import plural
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context

_MOST = 6


def home_findings(ctx: Context, agents: Sequence[Agent]) -> Contribution:
    """The clones that Claude Code used as its config folder."""
    found = ((agent.name, finding) for agent in agents if (finding := _finding(ctx, agent)))
    return Contribution((*(Concern((name,), finding) for name, finding in found), *_plain_starts(ctx, agents)))


def _plain_starts(ctx: Context, agents: Sequence[Agent]) -> Iterator[Concern]:
    """The agents that were started by plain `claude`, where that does not become the agent."""
    started = {agent: count for agent in agents if (count := plain_sessions(ctx, agent))}
    if started and not becomes_agent(ctx):
        for agent, count in started.items():
            message = f"{plural(count, 'session')} of plain `claude` ran in {agent.folder}, not with its config"
            yield Concern((agent.name,), Finding("plain_start", "notice", message, step_to_wrapper(ctx)))


def _finding(ctx: Context, agent: Agent) -> Finding | None:
    try:
        old, left = look_at_old_home(ctx, agent), left_by_container(ctx, agent)
        exposed = exposed_folder(ctx, agent)
    except OpsError as error:
        return Finding("clone_unreadable", "warning", f"not searched for sessions: {error.message}", error.next)
    if old.moves:
        paths = [source for source, _ in old.moves]
        return Finding("sessions_in_clone", "critical", said_in_clone(agent, paths), step_out(old))
    if exposed:
        return Finding(
            "sessions_in_clone", "critical", said_of_folder(agent, exposed), step_to_ignore(agent, exposed)
        )
    if left:
        step = f"In {ctx.fleet.compose}, set CLAUDE_CONFIG_DIR of {agent.name} to a volume, and move them there"
        return Finding("sessions_in_clone", "critical", said_in_clone(agent, left), step)
    return None


def said_in_clone(agent: Agent, paths: Sequence[Path]) -> str:
    """What is wrong with a clone in which these files of sessions are."""
    names = [str(path.relative_to(agent.folder)) for path in paths]
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    listed = ", ".join(names[:_MOST])
    return f"{agent.folder} holds what was said in sessions, where `git add` may take it: {listed}{more}"


def step_out(old: OldHome) -> str:
    """The command that moves it all to the agent's own folder."""
    end = f"End its session (process {old.pids[0]}), then: " if old.pids else ""
    return f"{end}ops agent home {old.agent.name} --plan {plan_digest([old])}"


def said_of_folder(agent: Agent, folder: str) -> str:
    """What is wrong with a clone that has the config folder of its client, visible to git."""
    return f"in {agent.folder} git does not ignore {folder}, where {agent.client} keeps its login and its sessions"


def step_to_ignore(agent: Agent, folder: str) -> str:
    """The command by which git ignores the whole folder in this clone."""
    exclude = f"$({agent.git} rev-parse --path-format=absolute --git-path info/exclude)"
    return f"printf '%s\\n' {quote(f'/{folder}/')} >> \"{exclude}\""
