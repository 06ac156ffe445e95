"""The clone that a caller may write to: its own, on its own branch, with nothing unfinished."""

from pathlib import Path
from shlex import quote

from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context
from mcp_server.system.files import Files
from mcp_server.system.git.git import Git
from mcp_server.system.git.state import CloneState
from mcp_server.workflow.role_branch import is_own

_NEVER = {"main", "master"}


def own_clone(ctx: Context) -> Agent:
    """The agent whose clone a call may write to; see `home_of`.

    Raises `denied` if that clone is on main or on no branch; the next step keeps its uncommitted work.
    """
    home = home_of(ctx)
    _require_own_branch(ctx.world.git, home)
    return home


def own_folder(ctx: Context, below: str) -> tuple[Agent, Path]:
    """The agent of `own_clone`, and the folder `below` in its clone. The folder must exist: none is created."""
    home = own_clone(ctx)
    require_folder(ctx.world.files, home.folder / below)
    return home, home.folder / below


def require_folder(files: Files, folder: Path) -> None:
    """Raise `not_found` if the folder does not exist, `invalid` if it is a link or a file."""
    kind = files.kind(folder)
    if kind == "absent":
        raise OpsError("not_found", f"there is no folder {folder}", f"Make it: mkdir -p {quote(str(folder))}")
    if kind != "folder":
        raise OpsError("invalid", f"{folder} is not a folder", f"Look at it with: ls -la {quote(str(folder.parent))}")


def home_of(ctx: Context) -> Agent:
    """The agent that a call is for: the caller, whoever's clone is the working folder, or the only ops agent."""
    if ctx.caller:
        return ctx.agent(ctx.caller)
    if here := ctx.holding(ctx.world.cwd):
        return here
    ops = [agent for agent in ctx.fleet.agents if agent.role == "ops"]
    if len(ops) != 1:
        message = f"{len(ops)} agents have the role ops, so it is unclear which one this is for"
        raise OpsError("invalid", message, "Give --agent NAME")
    return ops[0]


def own_branch_of(ctx: Context) -> tuple[Agent, CloneState]:
    """`own_clone` and its state. Raises `denied` if it is not on a branch of its role."""
    home = own_clone(ctx)
    state = ctx.world.git.state(home.folder)
    if not is_own(state.branch, home.role, ctx.fleet.policy):
        step = f"ops --agent {quote(home.name)} branch start"
        raise OpsError("denied", f"{state.branch} is not a branch of the role {home.role}", step)
    return home, state


def _require_own_branch(git: Git, home: Agent) -> None:
    state = git.state(home.folder)
    if state.branch is None:  # in a rebase or a bisect
        require_nothing_begun(home, state)
    if state.branch is not None and state.branch not in {*_NEVER, state.default_branch}:
        return
    where = f"on {state.branch}, where nobody works directly" if state.branch else "on no branch"
    step = f"ops --agent {quote(home.name)} branch start"
    raise OpsError("denied", f"{home.folder} is {where}", step)


def unfinished(folder: Path) -> str:
    """The step for an operation that waits in a work tree."""
    return f"ops runbook read merge-unfinished  # AGENT={quote(str(folder))}"


def require_nothing_begun(home: Agent, state: CloneState) -> None:
    """Raise `conflict` if an operation waits to be finished: git refuses most others until then."""
    if state.operation:
        message = f"a {state.operation} was begun in {home.folder} and is not finished, nothing was done"
        raise OpsError("conflict", message, unfinished(home.folder))


def no_default_branch(state: CloneState) -> str:
    """Why it is not known which branch of the shared remote is the default one."""
    head = f"{state.remote}/HEAD {'names a branch that is gone' if state.dangling else 'is not set'}"
    return f"{head}, so it is not known which branch of {state.remote} is its default branch"


def set_default_branch(home: Agent, state: CloneState) -> str:
    """The step after which it is known."""
    remote = quote(state.remote)
    widen = f"{home.git} remote set-branches {remote} '*' && " if state.narrow else ""
    return f"{widen}{home.git} fetch {remote} && {home.git} remote set-head {remote} --auto"
