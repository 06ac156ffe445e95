"""One look at everything that an audit is made from. A part that cannot be looked at never stops the others."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from mcp_server.activity.look_sessions import Session, sessions
from mcp_server.audit.folder_findings import config_concern, environment_concerns
from mcp_server.configs import look_configs as configs
from mcp_server.guard.look_installed import guard_of, tried_at
from mcp_server.kernel.cancellation import carried
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Concern, Finding
from mcp_server.kernel.inventory import Agent
from mcp_server.knowledge import look_docs as docs
from mcp_server.knowledge.look_pages import docs_clone
from mcp_server.logins import look_stores as stores
from mcp_server.logins.findings import login_concerns, login_of
from mcp_server.logins.look_hazards import hazards
from mcp_server.operation.context import Context
from mcp_server.system.git.git import Proof
from mcp_server.workflow.findings import clone_faults
from mcp_server.workflow.look_clones import Clone, Look, look_at_clones, silent_origins
from mcp_server.workflow.look_git_locks import left_locks, locks_in

_MOST_OF_DOCS = 8
_COUNTING = 2.0
"Seconds that the count of the disk may take."
_LEAST_FREE = 1 << 30


@dataclass(frozen=True)
class Looks:
    """What was seen, by the agent's name; who is missing in `configs` or `logins` could not be looked at there."""

    clones: Mapping[str, Look]
    configs: Mapping[str, str]
    logins: Mapping[str, str]
    guards: Mapping[str, Proof]
    tested: Mapping[str, str | None]
    "When the guard's hooks were last tried."
    sessions: Mapping[str, tuple[Session, ...]]
    disk: Mapping[Path, int]
    "Bytes, by the folder."
    concerns: tuple[Concern, ...]


def look_around(ctx: Context, agents: Sequence[Agent], *, ask: bool) -> Looks:
    """Every clone of the fleet, for one knows what another has not fetched; the rest for `agents`."""
    with ThreadPoolExecutor(1) as pool:
        counting = pool.submit(carried(ctx.world.disk.used), [agent.folder for agent in agents], _COUNTING)
        locks = {agent.name: locks_in(ctx.world, agent.folder) for agent in agents}
        everybody = ctx.fleet.agents
        step = ctx.steps(len(everybody), "clones")
        clones = look_at_clones(ctx.world.git, everybody, ask=ask, step=step)
        disk = counting.result()
    there = [agent for agent in agents if _is_there(clones[agent.name])]
    configs_of, of_configs = _configs(ctx, there)
    logins, of_logins = _logins(ctx, agents)
    environments = (concern for agent in there for concern in environment_concerns(ctx.world, agent))
    guards: dict[str, Proof] = {agent.name: guard_of(ctx.world, agent.folder) for agent in there}
    tested = {agent.name: tried_at(ctx.world, agent.folder) for agent in there}
    of_clones = (*_of_clones(ctx, clones, agents, ask=ask), *_left(ctx, locks), *_of_disk(ctx))
    concerns = (
        *of_clones,
        *of_configs,
        *environments,
        *of_logins,
        *_of_guards(there, guards, tested),
        *_of_docs(ctx),
    )
    return Looks(clones, configs_of, logins, guards, tested, _sessions(ctx), disk, concerns)


def _is_there(look: Look) -> bool:
    return isinstance(look, Clone) or look.kind != "not_found"


def _of_clones(ctx: Context, clones: Mapping[str, Look], agents: Sequence[Agent], *, ask: bool) -> Iterator[Concern]:
    origin = next((look.state.origin for look in clones.values() if isinstance(look, Clone)), None)
    for agent in agents:
        for finding in clone_faults(agent, clones[agent.name], origin, ctx.fleet.policy):
            yield Concern((agent.name,), finding)
    for silent, names in silent_origins(clones).items() if ask else ():
        message = f"{silent} does not answer: ahead and behind are unknown"
        yield Concern(names, Finding("origin_silent", "warning", message, f"git ls-remote {quote(silent)}"))


def _of_guards(
    agents: Sequence[Agent], guards: Mapping[str, Proof], tested: Mapping[str, str | None]
) -> Iterator[Concern]:
    """Where the guard was put in and is out of force since; a clone that never had one is the fleet's choice."""
    for agent in agents:
        if guards[agent.name] == "inert" and tested[agent.name]:
            message = f"the guard was in force when it was tried ({tested[agent.name]}), and no longer is"
            step = f"See what changed, and put it back: ops guard install {quote(str(agent.folder))}"
            yield Concern((agent.name,), Finding("guard_inert", "warning", message, step))


def _left(ctx: Context, locks: Mapping[str, tuple[Path, ...]]) -> Iterator[Concern]:
    for name, before in locks.items():
        for finding in left_locks(ctx, ctx.agent(name), before):
            yield Concern((name,), finding)


def _of_disk(ctx: Context) -> Iterator[Concern]:
    free = ctx.world.disk.free(ctx.fleet.root)
    if free is not None and free < _LEAST_FREE:
        message = f"{free >> 20} MiB are free on the disk of {ctx.fleet.root}"
        yield Concern((), Finding("disk_low", "warning", message, "ops runbook read disk-full"))


def _sessions(ctx: Context) -> Mapping[str, tuple[Session, ...]]:
    """The sessions of each agent whose processes could be seen."""
    found: dict[str, tuple[Session, ...]] = dict.fromkeys(ctx.running, ())
    for session in sessions(ctx):
        found[session.agent] = (*found[session.agent], session)
    return found


def _configs(ctx: Context, agents: Sequence[Agent]) -> tuple[Mapping[str, str], Sequence[Concern]]:
    try:
        looks = configs.look(ctx, tuple(agents))
    except OpsError as error:
        return {}, [Concern((), Finding("master_unreadable", "warning", error.message, error.next))]
    return {look.file.agent.name: look.state for look in looks}, [c for look in looks if (c := config_concern(look))]


def _logins(ctx: Context, agents: Sequence[Agent]) -> tuple[Mapping[str, str], Sequence[Concern]]:
    try:
        seen = stores.look(ctx)
        concerns = [*login_concerns(seen, hazards(ctx, seen), ctx.world.clock.now())]
    except OpsError as error:
        return {}, [Concern((), Finding("login_unreadable", "warning", error.message, error.next))]
    return {agent.name: login_of(agent.name, seen) or "unknown" for agent in agents}, concerns


def _of_docs(ctx: Context) -> Iterator[Concern]:
    """The indexes of one clone stand for all: the caller's, else that of an ops agent, else the first."""
    try:
        clone = docs_clone(ctx)
        found = docs.look(ctx.world.files, clone) if clone else ()
    except OpsError as error:
        yield Concern((), Finding("index_unreadable", "warning", error.message, error.next))
        return
    agent = ctx.fleet.holding(clone) if clone else None
    names = (agent.name,) if agent else ()
    for finding in found[:_MOST_OF_DOCS]:
        yield Concern(names, finding)
    if len(found) > _MOST_OF_DOCS:
        message = f"{len(found) - _MOST_OF_DOCS} more findings of the indexes"
        yield Concern(names, Finding("index_more", "notice", message, "ops docs check"))
