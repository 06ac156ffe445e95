"""Audit findings about clones, each with the step that fixes it. No step discards or overwrites anything."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from shlex import quote

from mcp_server.clients.claude import CONFIG_FILE
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Concern, Contribution, Finding, Severity
from mcp_server.kernel.humanize import plural
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.policy import Policy
from mcp_server.operation.context import Context
from mcp_server.workflow.look_clones import Clone, Look, silent_origins
from mcp_server.workflow.look_git_locks import locks_in
from mcp_server.workflow.role_branch import is_own

_USUAL = Policy()
_LOCK_IS_STALE = timedelta(minutes=10)
"No git process holds a lock for this long. Decides where the processes of an agent cannot be listed."
_EXPOSED: dict[str, tuple[str, Severity]] = {
    ".env": ("env_exposed", "critical"),
    CONFIG_FILE: ("config_exposed", "critical"),
}


def clone_findings(ctx: Context, clones: Mapping[str, Look], agents: Sequence[Agent], *, ask: bool) -> Contribution:
    """The findings about the clones of `agents`, and the origins that did not answer when they were asked.

    `clones` holds the whole fleet by agent name, as `look_at_clones` returned it for this `ask`.
    """
    origin = next((look.state.origin for look in clones.values() if isinstance(look, Clone)), None)
    concerns = [
        Concern((agent.name,), finding)
        for agent in agents
        for finding in findings_of(agent, clones[agent.name], origin, ctx.fleet.policy)
    ]
    for silent, names in silent_origins(clones).items() if ask else ():
        message = f"{silent} does not answer: ahead and behind are unknown"
        step = f"git ls-remote {quote(silent)}"
        concerns.append(Concern(names, Finding("origin_silent", "warning", message, step, unknown=True)))
    return Contribution(tuple(concerns))


def lock_findings(ctx: Context, locks: Mapping[str, tuple[Path, ...]]) -> Contribution:
    """Git locks left behind by a crashed process: git cannot write in such a clone.

    `locks`, by agent name, were there before the processes were listed. One that a running git holds is gone by now,
    or its process is in the list.
    """
    found = ((name, finding) for name, before in locks.items() for finding in _locks(ctx, name, before))
    return Contribution(tuple(Concern((name,), finding) for name, finding in found))


def _locks(ctx: Context, name: str, before: tuple[Path, ...]) -> Iterator[Finding]:
    folder, processes = ctx.agent(name).folder, ctx.running.get(name)
    if any(process.program.startswith("git") for process in processes or ()):
        return
    for lock in sorted({*before} & {*locks_in(ctx.world, folder)}):
        try:
            age = ctx.world.clock.now() - ctx.world.files.modified(lock)
        except OpsError:
            continue
        if processes is not None or age > _LOCK_IS_STALE:
            minutes = int(age.total_seconds() // 60)
            message = f"{lock.relative_to(folder)} is {minutes} min old, and no git runs here: git cannot write"
            yield Finding("git_lock", "warning", message, "ops fleet fix git_lock")


def findings_of(agent: Agent, look: Look, origin: str | None, policy: Policy = _USUAL) -> Iterator[Finding]:
    """The findings about one clone, most severe first; `origin` is the URL that the fleet's clones come from."""
    if isinstance(look, OpsError):
        yield _no_clone(agent, look, origin)
        return
    yield from _private_files(agent, look)
    yield from _commits_on_main(agent, look)
    yield from _branch(agent, look, origin)
    yield from _role(agent, look, policy)
    yield from _distance(agent, look)
    yield from _changes(agent, look)


def _no_clone(agent: Agent, error: OpsError, origin: str | None) -> Finding:
    if error.kind == "not_found":
        step = f"git clone {quote(origin or 'URL')} {quote(str(agent.folder))}"
        return Finding("agent_missing", "critical", error.message, step)
    if error.kind == "invalid":
        return Finding("not_a_clone", "critical", error.message, error.next)
    return Finding.unread("clone_unreadable", error)


def _private_files(agent: Agent, clone: Clone) -> Iterator[Finding]:
    for name in clone.exposed:
        code, severity = _EXPOSED[name]
        tracked = name not in clone.state.untracked
        message = f"git tracks {name}" if tracked else f"`git add .` would commit {name}"
        untrack = f"{agent.git} rm --cached {name} && {agent.git} commit -m 'Stop tracking {name}'"
        step = untrack if tracked else f"ops fleet fix {code}"
        yield Finding(code, severity, message, step)


def _commits_on_main(agent: Agent, clone: Clone) -> Iterator[Finding]:
    count, main = clone.protected_ahead, clone.state.default_branch
    if count is None:
        count = clone.state.protected_ahead  # as of the last fetch: better than nothing
    if count:
        message = f"{plural(count, 'commit')} on {main} that origin lacks"
        # A branch keeps every commit first; main back on origin is then a move that the guard lets through.
        name = f"{agent.name}-from-{main}"
        keep = f"switch -c {name}" if clone.state.branch == main else f"branch {name} {quote(main)}"
        back = f"{agent.git} branch -f {quote(main)} {quote(f'origin/{main}')}"
        yield Finding("on_main", "critical", message, f"{agent.git} {keep} && {back}")


def _branch(agent: Agent, clone: Clone, origin: str | None) -> Iterator[Finding]:
    state = clone.state
    if state.origin is None:
        step = f"{agent.git} remote add origin {quote(origin or 'URL')}"
        yield Finding("no_origin", "warning", "the clone has no origin", step)
    if state.head is None:
        step = f"{agent.git} pull origin {quote(state.default_branch)}"
        yield Finding("no_commits", "warning", "the clone has no commit yet", step)
    elif state.branch is None:
        step = f"ops --agent {quote(agent.name)} branch start"
        yield Finding("detached", "warning", "on no branch: the next commits would belong to none", step)


def _role(agent: Agent, clone: Clone, policy: Policy) -> Iterator[Finding]:
    """The branch of another role. Being on main is fine, as long as nobody works there."""
    branch = clone.state.branch
    if clone.state.head and branch and branch not in policy.protected and not is_own(branch, agent.role, policy):
        message = f"is on {branch}, which is not a branch of the role {agent.role}"
        yield Finding("role_branch", "warning", message, f"ops --agent {quote(agent.name)} branch start")


def _distance(agent: Agent, clone: Clone) -> Iterator[Finding]:
    state, main = clone.state, f"origin/{clone.state.default_branch}"
    if clone.behind is None and clone.unfetched and state.head:
        message = f"{main} has moved since the last fetch, how far is unknown"
        yield Finding("stale", "warning", message, f"{agent.git} fetch origin", unknown=True)
    elif count := state.behind if clone.behind is None else clone.behind:
        when = " as of the last fetch" if clone.behind is None else ""
        dirty = f", with {plural(state.dirty, 'changed file')}" if state.dirty else ""
        how = "--ff-only" if state.branch == state.default_branch else "--no-rebase"
        pull = f"{agent.git} pull {how} origin {quote(state.default_branch)}"
        step = f"Commit the changes, then: {pull}" if state.dirty else pull
        yield Finding("behind", "warning", f"{plural(count, 'commit')} behind {main}{when}{dirty}", step)


def _changes(agent: Agent, clone: Clone) -> Iterator[Finding]:
    state = clone.state
    if state.dirty is None:
        message = "whether files have changed is unknown: only the clone's filters could show it, and none was run"
        yield Finding("dirty", "notice", message, "In the agent's own session: git status", unknown=True)
    if not state.dirty:
        return
    changed = plural(state.dirty, "changed file")
    if state.branch == state.default_branch and state.head:
        step = f"ops --agent {quote(agent.name)} branch start"
        yield Finding("work_on_protected", "warning", f"{changed} on {state.branch}", step)
    elif not clone.behind:
        yield Finding("dirty", "notice", f"{changed} on {state.branch or 'no branch'}", f"{agent.git} status")
