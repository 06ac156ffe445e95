"""The evidence for an incident: the state of the agents at this moment, and the documented pages for the problem."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mcp_server import __version__
from mcp_server.configs.findings import config_findings
from mcp_server.fleet.findings import env_findings
from mcp_server.guard.findings import guard_findings
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import SEVERITIES, Contribution
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.findings import index_findings
from mcp_server.knowledge.look_pages import page_index
from mcp_server.logins.look_logins import look_at_logins
from mcp_server.logins.trouble import concerns
from mcp_server.operation.context import Context
from mcp_server.search import Hit
from mcp_server.workflow.findings import clone_findings, lock_findings
from mcp_server.workflow.look_clones import Look, hooks_of, is_present, look_at_clones
from mcp_server.workflow.look_git_locks import locks_in

_MOST_AGENTS = 3
"A finding about more agents than this is about the fleet, and is left out."


@dataclass(frozen=True)
class Evidence:
    """`facts` are sentences; what could not be read is `unknown` in them, with the reason. `pages`: best first."""

    facts: tuple[str, ...]
    pages: tuple[Hit, ...]


def gather(ctx: Context, agents: Sequence[Agent], descriptions: Sequence[str]) -> Evidence:
    """Versions, the clone and login of each agent, the findings about them, and the pages for the problem.

    `descriptions` of the problem begin with the shortest; the first one for which the index has a page is used.
    """
    answer, pages = _index(ctx, descriptions)
    about_agents = _about(ctx, agents) if agents else ()
    return Evidence((_versions(ctx), *about_agents, *_crashes(ctx), answer), pages)


def _versions(ctx: Context) -> str:
    try:
        found = ctx.world.claude.version()
        client = "not found" if found is None else found or "of unknown version"
    except OpsError as error:
        client = f"unknown ({error.message})"
    return f"ops {__version__}, Claude Code {client}"


def _index(ctx: Context, descriptions: Sequence[str]) -> tuple[str, tuple[Hit, ...]]:
    try:
        index = page_index(ctx).index
    except OpsError as error:
        return f"index: unknown ({error.message})", ()
    answers = (index.documented(description[:2_000], 3) for description in descriptions)
    pages = next((answer for answer in answers if answer), ())
    return f"index: {len(pages) or 'no'} page{'s' * (len(pages) != 1)} for this problem", pages


def _about(ctx: Context, agents: Sequence[Agent]) -> Iterator[str]:
    """The clones and logins of these agents, then the findings about each, most severe first; no secret is shown."""
    locks = {agent.name: locks_in(ctx.world, agent.folder) for agent in agents}
    clones = look_at_clones(ctx.world.git, ctx.fleet.agents, ask=False)
    yield from (f"{agent.name}: clone {_clone(clones[agent.name])}" for agent in agents)
    login_lines, logins = _logins(ctx, {agent.name for agent in agents})
    yield from login_lines
    present = [agent for agent in agents if is_present(clones[agent.name])]
    parts = (
        clone_findings(ctx, clones, agents, ask=False),
        lock_findings(ctx, locks),
        config_findings(ctx, present),
        env_findings(ctx, present),
        logins,
        guard_findings(ctx, present, hooks_of(clones)),
        index_findings(ctx),
    )
    concerns = [concern for part in parts for concern in part.concerns if len(concern.agents) <= _MOST_AGENTS]
    concerns.sort(key=lambda concern: SEVERITIES.index(concern.finding.severity))
    for agent in agents:
        own = [concern.finding for concern in concerns if agent.name in concern.agents]
        yield from (f"{agent.name}: {finding.code}: {finding.message}" for finding in own)


def _clone(look: Look) -> str:
    if isinstance(look, OpsError):
        return f"unknown ({look.message})"
    state = look.state
    ahead, behind = ("unknown" if n is None else n for n in (state.ahead, state.behind))
    dirty = "unknown" if state.dirty is None else state.dirty
    where = f"on {state.branch}" if state.branch else "on no branch"
    return f"{where} at {(state.head or 'no commit')[:12]}, {ahead} ahead, {behind} behind, {dirty} dirty"


def _logins(ctx: Context, agents: set[str]) -> tuple[list[str], Contribution]:
    """The state of each store that these agents use, and what is wrong with the logins of the fleet."""
    try:
        logins = look_at_logins(ctx)
    except OpsError as error:
        return [f"logins: unknown ({error.message})"], Contribution(())
    users = [(sorted(agents & set(store.agents)), store) for store in logins.stores]
    lines = [f"{', '.join(names)}: login {store.state}, {store.path}" for names, store in users if names]
    return lines, Contribution(tuple(concerns(logins.stores, logins.hazards, ctx.world.clock.now())))


def _crashes(ctx: Context) -> Iterator[str]:
    """The last crash logs of ops itself; their names contain the time."""
    logs = [name for name in ctx.world.files.names(ctx.world.state / "logs") if name.startswith("crash-")]
    yield from (f"ops itself crashed: {name}" for name in logs[-3:])
