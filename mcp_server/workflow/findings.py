"""What is wrong with a clone, and the step that mends it. No step here discards or overwrites anything."""

from collections.abc import Iterator
from shlex import quote

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Finding, Severity
from mcp_server.kernel.inventory import Agent
from mcp_server.kernel.policy import Policy
from mcp_server.workflow.look_clones import Clone, Look
from mcp_server.workflow.role_branch import is_own

_USUAL = Policy()
_EXPOSED: dict[str, tuple[str, Severity]] = {
    ".env": ("env_exposed", "critical"),
    ".claude.json": ("config_exposed", "critical"),
}


def clone_faults(agent: Agent, look: Look, origin: str | None, policy: Policy = _USUAL) -> Iterator[Finding]:
    """The findings of one clone, the gravest first; `origin` is where the fleet's clones come from, if known."""
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
    return Finding("clone_unreadable", "warning", error.message, error.next)


def _private_files(agent: Agent, clone: Clone) -> Iterator[Finding]:
    for name in clone.exposed:
        code, severity = _EXPOSED[name]
        message = f"`git add .` would commit {name}, or it is committed"
        step = f"Add /{name} to .gitignore; if git tracks it: {_git(agent)} rm --cached {name}"
        yield Finding(code, severity, message, step)


def _commits_on_main(agent: Agent, clone: Clone) -> Iterator[Finding]:
    count, main = clone.protected_ahead, clone.state.default_branch
    if count is None:
        count = clone.state.protected_ahead  # as of the last fetch: better told than left out
    if count:
        message = f"{_plural(count, 'commit')} on {main} that origin lacks"
        # A branch keeps every commit first; main back on origin is then a move that the guard lets through.
        name, git = f"{agent.name}-from-{main}", _git(agent)
        keep = f"switch -c {name}" if clone.state.branch == main else f"branch {name} {quote(main)}"
        back = f"{git} branch -f {quote(main)} {quote(f'origin/{main}')}"
        yield Finding("on_main", "critical", message, f"{git} {keep} && {back}")


def _branch(agent: Agent, clone: Clone, origin: str | None) -> Iterator[Finding]:
    state = clone.state
    if state.origin is None:
        step = f"{_git(agent)} remote add origin {quote(origin or 'URL')}"
        yield Finding("no_origin", "warning", "the clone has no origin", step)
    if state.head is None:
        step = f"{_git(agent)} pull origin {quote(state.default_branch)}"
        yield Finding("no_commits", "warning", "the clone has no commit yet", step)
    elif state.branch is None:
        step = f"{_git(agent)} switch -c {agent.name}-work"
        yield Finding("detached", "warning", "on no branch: the next commits would belong to none", step)


def _role(agent: Agent, clone: Clone, policy: Policy) -> Iterator[Finding]:
    """On a branch of another role; main is no mismatch, unless one works there."""
    branch = clone.state.branch
    if clone.state.head and branch and branch not in policy.protected and not is_own(branch, agent.role, policy):
        message = f"stands on {branch}, which is no branch of the role {agent.role}"
        yield Finding("role_branch", "warning", message, f"ops --agent {quote(agent.name)} branch start")


def _distance(agent: Agent, clone: Clone) -> Iterator[Finding]:
    state, main = clone.state, f"origin/{clone.state.default_branch}"
    dirty = f", with {_plural(state.dirty, 'changed file')}" if state.dirty else ""
    if clone.behind:
        message = f"{_plural(clone.behind, 'commit')} behind {main}{dirty}"
        yield Finding("behind", "warning", message, _catch_up(agent, clone))
    elif clone.behind is None and clone.unfetched and state.head:
        message = f"{main} has moved since the last fetch, how far is unknown"
        yield Finding("stale", "warning", message, f"{_git(agent)} fetch origin")
    elif clone.behind is None and state.behind:
        message = f"{_plural(state.behind, 'commit')} behind {main} as of the last fetch{dirty}"
        yield Finding("behind", "warning", message, _catch_up(agent, clone))


def _catch_up(agent: Agent, clone: Clone) -> str:
    state = clone.state
    how = "--ff-only" if state.branch == state.default_branch else "--no-rebase"
    pull = f"{_git(agent)} pull {how} origin {quote(state.default_branch)}"
    return f"Commit the changes, then: {pull}" if state.dirty else pull


def _changes(agent: Agent, clone: Clone) -> Iterator[Finding]:
    state = clone.state
    if not state.dirty:
        return
    changed = _plural(state.dirty, "changed file")
    if state.branch == state.default_branch and state.head:
        step = f"{_git(agent)} switch -c {agent.name}-work"
        yield Finding("work_on_protected", "warning", f"{changed} on {state.branch}", step)
    elif not clone.behind:
        yield Finding("dirty", "notice", f"{changed} on {state.branch or 'no branch'}", f"{_git(agent)} status")


def _git(agent: Agent) -> str:
    return f"git -C {quote(str(agent.folder))}"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
