"""`pr_create`: opens a pull request that a human has approved, and reads it back.

An approval covers one repository, branch, base, commit and title, is valid for minutes and used once (ADR 0050).
"""

from dataclasses import dataclass
from shlex import quote

from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.workflow.approval import COMMAND
from mcp_server.workflow.look_pull_request import Draft, token_of
from mcp_server.workflow.write_approvals import use_approval
from mcp_server.workflow.write_draft import draft


class CreateParams(Params):
    title: str = Field(default="", max_length=300, description="As the human gave it; none: the newest commit's")
    body: str = Field(default="", max_length=20_000, description="What and why, markdown")


@dataclass(frozen=True)
class Opened:
    """The pull request as the server reports it after it was opened."""

    number: int
    url: str
    title: str
    head: str
    base: str
    commit: str
    commits: tuple[str, ...]
    next: str


def _create(ctx: Context, params: CreateParams) -> Opened:
    found = draft(ctx, params.title)
    wanted, token, hub = found.proposal, token_of(ctx, found.home), ctx.world.github
    if existing := hub.open_of(wanted.repository, wanted.head, token):
        step = f"Push to it: {found.home.git} push origin {quote(wanted.head)}"
        raise OpsError("conflict", f"{wanted.head} has an open pull request: {existing.url}", step)
    use_approval(ctx, wanted, _how_to_approve(found))
    ctx.world.git.change.push(found.home.folder, wanted.head)
    number = hub.create(wanted.repository, wanted.head, wanted.base, (wanted.title, params.body), token)
    pull = hub.pull(wanted.repository, number, token)
    if (pull.head, pull.base, pull.commit, pull.title) != (wanted.head, wanted.base, wanted.commit, wanted.title):
        actual = f"{pull.url} is {pull.head} -> {pull.base} at {pull.commit[:12]}, {shown(pull.title)}"
        raise OpsError("conflict", f"{actual}, which is not what was approved", "A human checks it and closes it")
    step = "The PM merges it; go on with branch_start after that"
    return Opened(number, pull.url, pull.title, pull.head, pull.base, pull.commit, found.commits, step)


def _how_to_approve(found: Draft) -> str:
    title = found.proposal.title
    shell = f"ops --agent {quote(found.home.name)} pr approve --title {quote(title)}"
    return f"A human types `/{COMMAND} {title}` in Claude Code, or in a terminal: {shell}"


PR_CREATE = Operation(
    name="pr_create",
    title="Open a pull request",
    summary="Opens one from the role branch, once, only with a human's approval: they type /ops:pr_create.",
    effect=Effect.WRITE,
    params=CreateParams,
    run=_create,
    text=lambda it: "\n".join([f"Opened {it.url}: {it.title}", *it.commits, f"Next: {it.next}"]),
    human_only=True,
    idempotent=False,
    open_world=True,
)
