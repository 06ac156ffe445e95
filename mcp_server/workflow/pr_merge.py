"""`ops pr merge`: the PM merges a pull request with green checks that is not from its own role."""

from dataclasses import dataclass
from typing import Literal

from mcp_server.guard.policy import Action, Actor, Verdict, judge
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.system.pull_request import PullRequest
from mcp_server.workflow.approval import repository_of
from mcp_server.workflow.look_own_clone import home_of
from mcp_server.workflow.look_pull_request import token_of


class MergeParams(Params):
    number: int = Field(ge=1, description="The number of the pull request")
    method: Literal["merge", "squash", "rebase"] = Field(default="merge", description="How to merge it")
    unchecked: bool = Field(default=False, description="Merge although the repository runs no checks")


@dataclass(frozen=True)
class Merged:
    """The pull request as the server reports it after the merge; `merged_as` is the commit on `base`."""

    number: int
    url: str
    head: str
    base: str
    merged_as: str | None
    next: str


def _merge(ctx: Context, params: MergeParams) -> Merged:
    home = home_of(ctx)
    actor = Actor(home.name, home.role)
    _require(judge(Action("merge"), actor, ctx.fleet.policy))
    state, token = ctx.world.git.state(home.folder), token_of(ctx, home)
    repository, hub = repository_of(state.origin), ctx.world.github
    pull = hub.pull(repository, params.number, token)
    _require(judge(Action("merge", pull.head), actor, ctx.fleet.policy))
    if fault := _fault(pull, state.default_branch, unchecked=params.unchecked):
        step = f"Look: gh pr view {pull.number} -R {repository}"
        raise OpsError("denied", f"{pull.url} is not merged: {fault}", step)
    hub.merge(repository, pull, params.method, token)
    after = hub.pull(repository, params.number, token)
    if after.state != "MERGED":
        problem = f"{pull.url} is {after.state} after the merge"
        raise OpsError("conflict", problem, "A merge queue may hold it: look there")
    return Merged(after.number, after.url, after.head, after.base, after.merged_as, "ops fleet pull")


def _require(verdict: Verdict) -> None:
    if verdict.verdict != "allow":
        raise OpsError("denied", verdict.reason, "Give the PM agent the number of the pull request")


def _fault(pull: PullRequest, main: str, *, unchecked: bool) -> str | None:
    if pull.state != "OPEN":
        return f"it is {pull.state.lower()}"
    if pull.base != main or pull.fork:
        return f"it goes from {'a fork' if pull.fork else pull.head} to {pull.base}, not to {main}"
    if pull.checks == "green" or (pull.checks == "none" and unchecked):
        return None
    if pull.checks == "none":
        return "it has no checks (--unchecked where the repository runs none)"
    return f"its checks are {pull.checks}"


def _text(result: Merged) -> str:
    commit = (result.merged_as or "unknown")[:12]
    return f"Merged {result.url} ({result.head} -> {result.base}) as {commit}\nNext: {result.next}"


PR_MERGE = Operation(
    name="pr_merge",
    title="Merge a pull request",
    summary="For the PM: merges an open pull request with green checks, never one from a branch of its own role.",
    effect=Effect.WRITE,
    params=MergeParams,
    run=_merge,
    text=_text,
    positional=("number",),
    idempotent=False,
    open_world=True,
)
