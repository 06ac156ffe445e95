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
from mcp_server.system.git.state import CloneState
from mcp_server.workflow.look_clones import Clone, Look, silent_origins
from mcp_server.workflow.look_git_locks import locks_in
from mcp_server.workflow.look_own_clone import no_default_branch, set_default_branch, unfinished
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
    yield from _history(agent, look)
    if look.state.operation:
        yield _begun(agent.folder, look.state.operation)
    else:
        yield from _role(agent, look, policy)
        yield from _distance(agent, look)
        yield from _changes(agent, look)
    for folder, linked in look.linked.items():
        yield from _linked(agent, folder, linked)


def _no_clone(agent: Agent, error: OpsError, origin: str | None) -> Finding:
    if error.kind == "not_found":
        step = f"git clone {quote(origin or 'URL')} {quote(str(agent.folder))}"
        return Finding("agent_missing", "critical", error.message, step)
    if error.kind == "invalid":
        return Finding("not_a_clone", "critical", error.message, error.next)
    return Finding.unread("clone_unreadable", error)


def _begun(folder: Path, operation: str) -> Finding:
    message = f"a {operation} was begun in {folder} and waits to be finished or given up"
    return Finding("merge_unfinished", "warning", message, unfinished(folder))


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
        keep = f"switch -c {quote(name)}" if clone.state.branch == main else f"branch {quote(name)} {quote(main)}"
        back = f"{agent.git} branch -f {quote(main)} {quote(_main_of(clone.state))}"
        yield Finding("on_main", "critical", message, f"{agent.git} {keep} && {back}")


def _branch(agent: Agent, clone: Clone, origin: str | None) -> Iterator[Finding]:
    state = clone.state
    if state.origin is None:
        other = (
            f"remote rename {quote(state.remote)} origin"
            if state.shared
            else f"remote add origin {quote(origin or 'URL')}"
        )
        yield Finding("no_origin", "warning", "the clone has no remote named origin", f"{agent.git} {other}")
    if state.head is None:
        step = f"{agent.git} pull {quote(state.remote)} {quote(state.default_branch)}"
        yield Finding("no_commits", "warning", "the clone has no commit yet", step)
    elif state.branch is None and not state.operation:
        step = f"ops --agent {quote(agent.name)} branch start"
        yield Finding("detached", "warning", _loose(state.loose), step)
    if state.upstream_gone and not state.operation:
        message = f"the upstream of {state.branch}, {state.upstream_gone}, is gone: it was merged, deleted or renamed"
        yield Finding("upstream_gone", "notice", message, f"{agent.git} branch --unset-upstream")


def _loose(count: int | None) -> str:
    commits = (
        "" if count == 0 else f"; {'some' if count is None else plural(count, 'commit')} may belong to none already"
    )
    return f"on no branch: the next commits would belong to none{commits}"


def _history(agent: Agent, clone: Clone) -> Iterator[Finding]:
    """Why numbers about the history are not known."""
    state = clone.state
    if state.shared and (state.default_from == "nothing" or state.dangling or clone.default_gone):
        message = no_default_branch(state)
        if clone.default_gone:
            message = f"{state.remote} no longer has the branch {state.default_branch}, its default branch here"
        step, unknown = set_default_branch(agent, state), state.default_from == "nothing" or clone.default_gone
        yield Finding("no_default_branch", "warning", message, step, unknown=unknown)
    if state.fault:
        message = f"git cannot follow the history: {state.fault}"
        step = f"See how much is lost: {agent.git} fsck"
        yield Finding("history_damaged", "warning", message, step, unknown=True)
    elif state.shallow and state.head and None in (state.unpushed, state.tracked and state.ahead):
        message = "a shallow clone: how far it is ahead and behind is not known"
        step = f"{agent.git} fetch --unshallow {quote(state.remote)}"
        yield Finding("shallow", "notice", message, step, unknown=True)


def _linked(agent: Agent, folder: Path, look: CloneState | OpsError) -> Iterator[Finding]:
    """What waits in a linked work tree. Its branches and their commits are those of the clone."""
    where, here = f"in the linked work tree {folder}", f"git -C {quote(str(folder))}"
    if isinstance(look, OpsError):
        yield Finding.unread("clone_unreadable", look)
        return
    if look.operation:
        yield _begun(folder, look.operation)
        return
    keep = f"{here} switch -c {agent.name}-{quote(folder.name)}"
    if look.loose != 0:
        yield Finding("detached", "warning", f"{_loose(look.loose)}, {where}", keep)
    if look.dirty and look.branch == look.default_branch:
        yield Finding(
            "work_on_protected", "warning", f"{plural(look.dirty, 'changed file')} on {look.branch} {where}", keep
        )
    elif look.dirty:
        message = f"{plural(look.dirty, 'changed file')} on {look.branch or 'no branch'} {where}"
        yield Finding("dirty", "notice", message, f"{here} status")
    elif look.dirty is None:
        yield _dirt_unknown(where)


def _dirt_unknown(where: str = "here") -> Finding:
    message = (
        f"whether files have changed {where} is unknown: only the clone's filters could show it, and none was run"
    )
    return Finding("dirty", "notice", message, "In the agent's own session: git status", unknown=True)


def _main_of(state: CloneState) -> str:
    """The shared default branch, as the clone names it."""
    return f"{state.remote}/{state.default_branch}"


def _role(agent: Agent, clone: Clone, policy: Policy) -> Iterator[Finding]:
    """The branch of another role. Being on main is fine, as long as nobody works there."""
    branch, shared = clone.state.branch, {*policy.protected, clone.state.default_branch}
    if clone.state.head and branch and branch not in shared and not is_own(branch, agent.role, policy):
        message = f"is on {branch}, which is not a branch of the role {agent.role}"
        yield Finding("role_branch", "warning", message, f"ops --agent {quote(agent.name)} branch start")


def _distance(agent: Agent, clone: Clone) -> Iterator[Finding]:
    state, main = clone.state, _main_of(clone.state)
    remote, branch = quote(state.remote), quote(state.default_branch)
    if clone.behind is None and clone.unfetched and state.head and not state.shallow:
        message = f"{main} has moved since the last fetch, how far is unknown"
        yield Finding("stale", "warning", message, f"{agent.git} fetch {remote}", unknown=True)
    elif count := state.behind if clone.behind is None else clone.behind:
        when = " as of the last fetch" if clone.behind is None else ""
        dirty = f", with {plural(state.dirty, 'changed file')}" if state.dirty else ""
        how = "--ff-only" if state.branch == state.default_branch else "--no-rebase"
        pull = f"{agent.git} pull {how} {remote} {branch}"
        step = f"Commit the changes, then: {pull}" if state.dirty else pull
        yield Finding("behind", "warning", f"{plural(count, 'commit')} behind {main}{when}{dirty}", step)


def _changes(agent: Agent, clone: Clone) -> Iterator[Finding]:
    state = clone.state
    if state.dirty is None:
        yield _dirt_unknown()
    if not state.dirty:
        return
    changed = plural(state.dirty, "changed file")
    if state.branch == state.default_branch and state.head:
        step = f"ops --agent {quote(agent.name)} branch start"
        yield Finding("work_on_protected", "warning", f"{changed} on {state.branch}", step)
    elif not clone.behind:
        yield Finding("dirty", "notice", f"{changed} on {state.branch or 'no branch'}", f"{agent.git} status")
