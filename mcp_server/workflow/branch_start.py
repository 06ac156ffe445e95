"""`branch_start`: creates the agent's own branch from the latest main, or updates the existing one. Discards nothing.

The local main is fast-forwarded without being checked out. A squash merge is recognised by its changes.
"""

from dataclasses import dataclass, replace
from shlex import quote
from typing import Literal

from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.file_names import free_name
from mcp_server.kernel.humanize import plural
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.system.git.state import CloneState
from mcp_server.workflow.look_own_clone import home_of, no_default_branch, require_nothing_begun, set_default_branch
from mcp_server.workflow.role_branch import is_own, own_branch

_LOCAL, _ORIGIN = "refs/heads/", "refs/remotes/origin/"
Main = Literal["fast_forwarded", "up_to_date", "diverged", "absent"]
Outcome = Literal["created", "continued", "renewed"]


class StartParams(Params):
    branch: str = Field(default="", max_length=200, description="A branch of the role; none: its usual one")


@dataclass(frozen=True)
class Started:
    """`renewed`: main has all changes of the branch, so it restarts there; `kept` has its old commits.

    `fetched` is False if origin did not answer: main is then as of the last fetch. `ahead` counts the branch's own
    commits.
    """

    agent: str
    branch: str
    outcome: Outcome
    head: str
    ahead: int
    main: Main
    fetched: bool
    kept: str | None
    note: str | None
    next: str


def _start(ctx: Context, params: StartParams) -> Started:
    home = home_of(ctx)
    with ctx.world.files.lock(f"clone-{home.name}"):
        before = ctx.world.git.state(home.folder)
        require_nothing_begun(home, before)
        if carried := _carried(ctx, home, params):
            return carried
        _require_nothing_unsaved(home, before)
        fetched = all(ctx.world.git.fetch(home.folder, remote) for remote in dict.fromkeys(("origin", before.remote)))
        state = ctx.world.git.state(home.folder)
        if state.tracked is None:
            raise OpsError(
                "unavailable", f"{home.folder}: {no_default_branch(state)}", set_default_branch(home, state)
            )
        branch = params.branch or _usual(ctx, home, state)
        _require_own(ctx, home, branch)
        outcome, kept = _switch(ctx, home, branch, state.tracked)
        main = _follow(ctx, home, state)
        done = Started(home.name, branch, outcome, "", 0, main, fetched, kept, None, "")
        return _read_back(ctx, home, done)


def _carried(ctx: Context, home: Agent, params: StartParams) -> Started | None:
    """Work on main or on no branch: a new branch here, which takes the changed files and the commits along."""
    state = ctx.world.git.state(home.folder)
    if state.head is None or state.branch not in (None, state.default_branch):
        return None
    if not state.dirty and (state.branch or state.ahead == 0):
        return None
    refs = ctx.world.git.refs(home.folder)
    known = {ref.removeprefix(_LOCAL).removeprefix(_ORIGIN) for ref in refs}
    usual = params.branch or _usual(ctx, home, state)
    _require_own(ctx, home, usual)
    has_commits = state.branch is None and state.ahead != 0
    created = has_commits or _LOCAL + usual not in refs or not _moved(ctx, home, usual)
    branch = free_name(usual, known) if created else usual
    if created:
        ctx.world.git.change.switch(home.folder, branch, "HEAD")
    after = ctx.world.git.state(home.folder)
    if after.branch != branch or after.head is None:
        message = f"{home.folder} is on {after.branch}, not on {branch}"
        raise OpsError("conflict", message, f"Look at it: {home.git} status")
    note = f"{plural(after.dirty or 0, 'changed file')} came along; main was not merged"
    step = f"Commit the work, then run this again: ops --agent {quote(home.name)} branch start"
    how: Outcome = "created" if created else "continued"
    return Started(home.name, branch, how, after.head, after.ahead or 0, "up_to_date", False, None, note, step)


def _moved(ctx: Context, home: Agent, branch: str) -> bool:
    """Check out an existing branch with the changed files; false if git refuses because both changed one file."""
    try:
        ctx.world.git.change.switch(home.folder, branch)
    except OpsError as error:
        if error.kind != "conflict":
            raise
        return False
    return True


def _require_own(ctx: Context, home: Agent, branch: str) -> None:
    if not is_own(branch, home.role, ctx.fleet.policy):
        allowed = " or ".join(ctx.fleet.policy.allowed(home.role))
        raise OpsError("denied", f"{shown(branch)} is not a branch of the role {home.role}", f"Use {allowed}")


def _require_nothing_unsaved(home: Agent, state: CloneState) -> None:
    if state.dirty == 0:
        return
    if state.dirty is None:
        message = f"whether {home.folder} has changed files is unknown without its filters, nothing was done"
        raise OpsError("conflict", message, f"Let git look, then run the same again: {home.git} status")
    step = f"ops --agent {quote(home.name)} commit PATH... --message 'what was done'"
    what = f"{plural(state.dirty, 'changed file')} on {state.branch or 'no branch'}"
    raise OpsError("conflict", f"{home.folder} has {what}, nothing was done", f"Save them first: {step}")


def _usual(ctx: Context, home: Agent, state: CloneState) -> str:
    refs = ctx.world.git.refs(home.folder)
    known = {ref.removeprefix(_LOCAL).removeprefix(_ORIGIN) for ref in refs}
    alone = sum(agent.role == home.role for agent in ctx.fleet.agents) == 1
    return own_branch(home, state.branch, known, ctx.fleet.policy, alone=alone)


def _switch(ctx: Context, home: Agent, branch: str, main: str) -> tuple[Outcome, str | None]:
    git, clone = ctx.world.git, home.folder
    refs = git.refs(clone)
    theirs = refs.get(_ORIGIN + branch)
    if _LOCAL + branch not in refs:
        git.change.switch(clone, branch, theirs or main)
        if theirs is None:
            return "created", None
    else:
        git.change.switch(clone, branch)
        if theirs and git.distance(clone, _LOCAL + branch, theirs):
            if own := git.distance(clone, theirs, "HEAD"):
                message = f"{branch} here has {own} commits that origin's lacks, and lacks some of origin's"
                raise OpsError("conflict", message, "ops runbook read branches-diverged")
            git.change.merge(clone, theirs)
    if not git.distance(clone, "HEAD", main):
        return "continued", None
    if git.distance(clone, main, "HEAD") and git.change.has_all(clone, main, "HEAD"):
        return "renewed", _renew(ctx, home, branch, main, on_origin=theirs is not None)
    git.change.merge(clone, main)
    return "continued", None


def _renew(ctx: Context, home: Agent, branch: str, main: str, *, on_origin: bool) -> str | None:
    """Restart the branch from main; one that origin still has is merged with main, so that it can be pushed."""
    change, clone = ctx.world.git.change, home.folder
    if on_origin and ctx.world.git.origin_head(clone, branch) is not None:
        change.take_over(clone, main)
        return None
    kept = f"{branch.replace('/', '-')}-merged-{ctx.world.git.state(clone).head or ''}"[:-33]
    change.rename(clone, branch, kept)
    change.switch(clone, branch, main)
    return kept


def _follow(ctx: Context, home: Agent, before: CloneState) -> Main:
    """Fast-forward the local main, unless it has commits of its own: those are reported and left alone."""
    own, main = _LOCAL + before.default_branch, before.tracked
    commit = ctx.world.git.refs(home.folder).get(own)
    if commit is None or commit == main or main is None:
        return "absent" if commit is None else "up_to_date"
    if ctx.world.git.distance(home.folder, main, own):
        return "diverged"
    ctx.world.git.change.follow(home.folder, before.default_branch, before.remote)
    return "fast_forwarded"


def _read_back(ctx: Context, home: Agent, done: Started) -> Started:
    """The result as read back from the clone."""
    branch, state = done.branch, ctx.world.git.state(home.folder)
    if state.branch != branch or state.behind or state.dirty != 0 or state.head is None:
        message = f"{home.folder} is on {state.branch} with {state.dirty} changed files, not on an updated {branch}"
        raise OpsError("conflict", message, f"Look at it: {home.git} status")
    notes = [] if done.fetched else ["origin did not answer: main is as of the last fetch"]
    if done.main == "diverged":
        notes.append(f"{state.default_branch} has commits of its own: ops runbook read commits-on-main")
    step = "Work, then: ops commit PATH... --message 'what was done'"
    return replace(done, head=state.head, ahead=state.ahead or 0, note=". ".join(notes) or None, next=step)


def _text(result: Started) -> str:
    own = plural(result.ahead, "commit")
    lines = [f"{result.outcome} {result.branch} of {result.agent} at {result.head[:12]}, {own} beyond main"]
    lines += [f"main: {result.main.replace('_', ' ')}"]
    lines += [f"Its old commits are kept on {result.kept}"] if result.kept else []
    return "\n".join([*lines, *([result.note] if result.note else []), f"Next: {result.next}"])


BRANCH_START = Operation(
    name="branch_start",
    title="Start on the role branch",
    summary="Makes or continues the agent's own branch from fresh main. Refuses unsaved changes, discards nothing.",
    effect=Effect.WRITE,
    params=StartParams,
    run=_start,
    text=_text,
    positional=("branch",),
    open_world=True,
)
