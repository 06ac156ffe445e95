"""`pr_create` opens a pull request on a human's word; `ops pr approve` gives it, and so does typing /ops:pr_create.

The word is bound to repository, branches, commit and title, holds for minutes, and is used once: ADR 0050.
"""

from dataclasses import dataclass
from shlex import quote

from pydantic import Field

from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.json_text import json_object
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.workflow import write_approvals as words
from mcp_server.workflow.look_own_clone import home_of
from mcp_server.workflow.look_proposal import Draft, draft, token_of

_COMMAND = "ops:pr_create"


class CreateParams(Params):
    title: str = Field(default="", max_length=300, description="As the human gave it; none: the newest commit's")
    body: str = Field(default="", max_length=20_000, description="What and why, markdown")


@dataclass(frozen=True)
class Opened:
    """Every field as the server told it when it was read back."""

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
    it, token, hub = found.proposal, token_of(ctx, found.home), ctx.world.hub
    if there := hub.open_of(it.repository, it.head, token):
        step = f"Push to it: git -C {quote(str(found.home.folder))} push origin {quote(it.head)}"
        raise OpsError("conflict", f"{it.head} has an open pull request: {there.url}", step)
    words.use(ctx, it, _way(found))
    ctx.world.git.change.push(found.home.folder, it.head)
    number = hub.create(it.repository, it.head, it.base, (it.title, params.body), token)
    pull = hub.pull(it.repository, number, token)
    if (pull.head, pull.base, pull.commit, pull.title) != (it.head, it.base, it.commit, it.title):
        told = f"{pull.url} is {pull.head} -> {pull.base} at {pull.commit[:12]}, {shown(pull.title)}"
        raise OpsError("conflict", f"{told}, which is not what was approved", "A human looks at it and closes it")
    step = "The PM merges it; go on with branch_start after that"
    return Opened(number, pull.url, pull.title, pull.head, pull.base, pull.commit, found.commits, step)


def _way(found: Draft) -> str:
    """How a human gives the word for this."""
    title = found.proposal.title
    shell = f"ops --agent {quote(found.home.name)} pr approve --title {quote(title)}"
    return f"A human types `/{_COMMAND} {title}` in Claude Code, or in a terminal: {shell}"


PR_CREATE = Operation(
    name="pr_create",
    title="Open a pull request",
    summary="Opens one from the role branch, once, on a human's word alone: they type /ops:pr_create.",
    effect=Effect.WRITE,
    params=CreateParams,
    run=_create,
    text=lambda it: "\n".join([f"Opened {it.url}: {it.title}", *it.commits, f"Next: {it.next}"]),
    ok=lambda _: True,
    human_only=True,
    idempotent=False,
    open_world=True,
)


class ApproveParams(Params):
    title: str = Field(default="", max_length=300, description="Its title; none: the newest commit's first line")


@dataclass(frozen=True)
class Approved:
    """The word is kept for `pr_create`; `told` is what it is for."""

    told: str
    digest: str
    next: str


def _approve(ctx: Context, params: ApproveParams) -> Approved:
    found = draft(ctx, params.title)
    question = f"{found.told()}\nType the branch's name to give your word for this pull request: "
    if ctx.world.ask(question) != found.proposal.head:
        raise OpsError("denied", "the word was not given, nothing is opened", "Approve it again when it is right")
    return _given(ctx, found, "terminal")


def _given(ctx: Context, found: Draft, by: str) -> Approved:
    words.give(ctx, found.proposal, by)
    step = f"ops --agent {quote(found.home.name)} pr create --title {quote(found.proposal.title)}"
    return Approved(found.told(), found.proposal.digest, step)


PR_APPROVE = Operation(
    name="pr_approve",
    title="Give the word for a pull request",
    summary="Shows a person in a terminal what would be opened, and keeps their word for it: once, for 15 minutes.",
    effect=Effect.WRITE,
    params=ApproveParams,
    run=_approve,
    text=lambda it: f"{it.told}\nApproved for 15 minutes, once.\nNext: {it.next}",
    ok=lambda _: True,
    open_world=True,
)


class TypedParams(Params):
    event: str = Field(max_length=100_000, description="The event that Claude Code hands to its hook")
    entrypoint: str = Field(description="CLAUDE_CODE_ENTRYPOINT of the hook")
    attended: str = Field(description="CLAUDE_CODE_SESSION_ATTENDED of the hook")


def _typed(ctx: Context, params: TypedParams) -> Approved:
    """The hook on a slash command: only what a human typed in a session that somebody attends is a word."""
    event = json_object(params.event.encode())
    typed = (event.get("hook_event_name"), event.get("expansion_type"), event.get("command_name"))
    if typed != ("UserPromptExpansion", "slash_command", _COMMAND) or (params.entrypoint, params.attended) != (
        "cli",
        "1",
    ):
        step = f"A human types /{_COMMAND} in an interactive session"
        raise OpsError("denied", "this was not typed by a human in a session that somebody attends", step)
    home_of(ctx)
    return _given(ctx, draft(ctx, str(event.get("command_args") or "")), f"session {event.get('session_id')}")


PR_TYPED = Operation(
    name="pr_typed",
    title="The word of a typed command",
    summary="For the plugin's hook: keeps the word that a human gives by typing /ops:pr_create.",
    effect=Effect.WRITE,
    params=TypedParams,
    run=_typed,
    text=lambda _: "",
    ok=lambda _: True,
    from_file=frozenset({"event"}),
    open_world=True,
)
