"""`ops commit`: commits only the named files, on the role branch, with a message in the fleet's form."""

import os.path
from dataclasses import dataclass
from pathlib import Path

from mcp_server.guard.policy import Action, Actor, judge
from mcp_server.kernel.checked import Field
from mcp_server.kernel.commit_message import message_of
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.humanize import plural
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.workflow.look_own_clone import own_branch_of


class CommitParams(Params):
    paths: list[str] = Field(max_length=500, description="The files of the change, each by its name")
    message: str = Field(max_length=10_000, description="What was done; the role is added in front")
    author: str = Field(default="", max_length=200, description="Name <mail> for Co-Authored-By, else the agent's")


@dataclass(frozen=True)
class Committed:
    """`files` are those that the commit changes, as read back; `left` counts the paths that are still uncommitted."""

    agent: str
    branch: str
    commit: str
    subject: str
    files: tuple[str, ...]
    left: int | None


def _commit(ctx: Context, params: CommitParams) -> Committed:
    home, before = own_branch_of(ctx)
    if not params.paths:
        raise OpsError("invalid", "no file is named", "Name each file of the change: git status --short shows them")
    paths = tuple(dict.fromkeys(_in_clone(ctx, home, name) for name in params.paths))
    message = message_of(home, params.message, params.author)
    git = ctx.world.git
    with ctx.world.files.lock(f"clone-{home.name}"):
        files = git.change.commit(home.folder, paths, message)
        after = git.state(home.folder)
    if not files:
        raise OpsError("conflict", f"nothing changed in {shown(' '.join(paths))}", "See what changed: git status")
    if after.head is None or after.head == before.head or not set(files) <= set(paths):
        raise OpsError("conflict", f"the commit holds other files than {shown(' '.join(paths))}", "git show --stat")
    return Committed(home.name, str(after.branch), after.head, message.splitlines()[0], files, after.dirty)


def _in_clone(ctx: Context, home: Agent, name: str) -> str:
    """The path from the clone's root. Folders are refused: they would add files that nobody named."""
    here = ctx.world.cwd if ctx.world.cwd.is_relative_to(home.folder) else home.folder
    path = Path(os.path.normpath(here / name))
    if not path.is_relative_to(home.folder):
        raise OpsError("denied", f"{shown(name)} is outside {home.folder}", "Name files of the clone")
    if ctx.world.files.kind(path) not in ("file", "link", "absent"):
        raise OpsError("denied", f"{shown(name)} is not a file", "Name each file")
    inside = str(path.relative_to(home.folder))
    verdict = judge(Action("stage", inside), Actor(home.name, home.role), ctx.fleet.policy)
    if verdict.verdict != "allow":
        raise OpsError("denied", verdict.reason, "Name the files of your change")
    return inside


def _text(result: Committed) -> str:
    left = f"Still uncommitted: {plural(result.left, 'path')}" if result.left else "Nothing is left uncommitted"
    left = "What is left uncommitted is unknown: git status" if result.left is None else left
    return f"{result.commit[:12]} on {result.branch}: {result.subject}\n{plural(len(result.files), 'file')}. {left}"


COMMIT = Operation(
    name="commit",
    title="Commit named files",
    summary="Commits only the named files on the agent's own branch, as `<role>: <message>` with its co-author.",
    effect=Effect.WRITE,
    params=CommitParams,
    run=_commit,
    text=_text,
    positional=("paths",),
    idempotent=False,
)
