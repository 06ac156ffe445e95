"""What can be said of agents and of a problem at this moment, for the record of an incident. It only looks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mcp_server import __version__
from mcp_server.audit.audit import audit
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge.look_pages import page_index
from mcp_server.logins.look_stores import look
from mcp_server.operation.context import Context
from mcp_server.search import Hit


@dataclass(frozen=True)
class Evidence:
    """`facts` are sentences; what could not be looked at is `unknown` in them, and why. `pages` is best first."""

    facts: tuple[str, ...]
    pages: tuple[Hit, ...]


def gather(ctx: Context, agents: Sequence[Agent], words: Sequence[str]) -> Evidence:
    """Versions, the clone and the login of each agent, and the documented pages for the problem.

    `words` are tellings of the problem, the shortest first: the first that finds a page decides.
    """
    versions = f"ops {__version__}, Claude Code {_or_why(lambda: ctx.world.claude.version() or 'not found')}"
    clones = (f"{agent.name}: clone {_or_why(lambda agent=agent: _clone(ctx, agent))}" for agent in agents)
    told, pages = _index(ctx, words)
    logins, own_log = _logins(ctx, {agent.name for agent in agents}), _own_log(ctx)
    return Evidence((versions, *clones, *logins, *_findings(ctx, agents), *own_log, told), pages)


def _index(ctx: Context, words: Sequence[str], limit: int = 3) -> tuple[str, tuple[Hit, ...]]:
    try:
        index = page_index(ctx).index
    except OpsError as error:
        return f"index: unknown ({error.message})", ()
    answers = (index.documented(telling[:2_000], limit) for telling in words)
    pages = next((answer for answer in answers if answer), ())
    return f"index: {len(pages) or 'no'} page{'s' * (len(pages) != 1)} for this problem", pages


def _clone(ctx: Context, agent: Agent) -> str:
    state = ctx.world.git.state(agent.folder)
    ahead, behind = ("unknown" if n is None else n for n in (state.ahead, state.behind))
    where = f"on {state.branch}" if state.branch else "on no branch"
    return f"{where} at {(state.head or 'no commit')[:12]}, {ahead} ahead, {behind} behind, {state.dirty} dirty"


def _logins(ctx: Context, agents: set[str]) -> Iterator[str]:
    if not agents:
        return
    try:
        stores = look(ctx)
    except OpsError as error:
        yield f"logins: unknown ({error.message})"
        return
    for store in stores:
        if users := agents & set(store.agents):
            yield f"{', '.join(sorted(users))}: login {store.state}, {store.path}"


def _findings(ctx: Context, agents: Sequence[Agent]) -> Iterator[str]:
    """What an audit of these agents finds; it shows no secret."""
    if not agents:
        return
    try:
        seen = audit(ctx, agents, ask=False)
    except OpsError as error:
        yield f"audit: unknown ({error.message})"
        return
    for row in seen.agents:
        yield from (f"{row.agent}: {found.code}: {found.message}" for found in row.findings)


def _own_log(ctx: Context) -> Iterator[str]:
    """The last crashes of ours; their names tell when."""
    logs = [name for name in ctx.world.files.names(ctx.world.state / "logs") if name.startswith("crash-")]
    yield from (f"ops itself crashed: {name}" for name in logs[-3:])


def _or_why(look: Callable[[], str]) -> str:
    try:
        return look()
    except OpsError as error:
        return f"unknown ({error.message})"
