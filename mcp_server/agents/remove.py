"""`agent_remove`: sets the folder of an agent aside if nothing is lost with it; `--plan` does what it shows."""

from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from mcp_server.agents.look_removable import reasons_to_stay
from mcp_server.configs.desired import digest
from mcp_server.fleet.fleet_file import NAME
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError, refused_by_os, shown
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params

_ASIDE = ".ops-removed"
"A folder beside the agents, which no discovery takes for one; on the same disk, so that it is one rename."


class RemoveParams(Params):
    name: str = Field(max_length=64, description="Name of the agent")
    plan: str = Field(default="", max_length=64, description="Do this plan; without it: make the plan")


@dataclass(frozen=True)
class Removed:
    """`to` is where the folder is afterwards; `undo` brings it back."""

    plan: str
    agent: str
    folder: Path
    to: Path
    removed: bool
    by_hand: tuple[str, ...]
    undo: str
    next: str


def _remove(ctx: Context, params: RemoveParams) -> Removed:
    agent = ctx.agent(params.name)
    with ctx.world.files.lock(f"agents-{ctx.key}"), ctx.world.files.lock(f"clone-{agent.name}"):
        fetched = ctx.world.files.kind(agent.folder) == "folder" and ctx.world.git.fetch(agent.folder)
        if reasons := reasons_to_stay(ctx, agent, fetched=fetched):
            what = "; ".join(reason.what for reason in reasons)
            raise OpsError("conflict", f"{agent.folder} is not removed: {what}", reasons[0].next)
        plan = _digest(ctx, agent)
        if params.plan and params.plan != plan:
            step = f"Plan again: ops agent remove {agent.name}"
            raise OpsError("conflict", f"the plan {shown(params.plan, 20)} is out of date", step)
        to = ctx.fleet.root / _ASIDE / f"{agent.name}-{ctx.world.clock.now():%Y%m%dT%H%M%S}"
        if params.plan:
            _set_aside(agent, to)
    undo = f"mv {quote(str(to))} {quote(str(agent.folder))}"
    step = f"ops agent remove {agent.name} --plan {plan}"
    if params.plan:
        step = f"To free its disk space: rm -rf {quote(str(to))}"
    by_hand = tuple(_by_hand(ctx, agent))
    return Removed(plan, agent.name, agent.folder, to, bool(params.plan), by_hand, undo, step)


def _digest(ctx: Context, agent: Agent) -> str:
    """Covers what was looked at: any commit, branch or move of the folder makes it another plan."""
    refs = sorted(ctx.world.git.refs(agent.folder).items())
    head = ctx.world.git.state(agent.folder).head
    return digest([str(ctx.world.files.real(agent.folder)), head, [[*ref] for ref in refs]])[:16]


def _set_aside(agent: Agent, to: Path) -> None:
    with refused_by_os(f"{agent.folder} cannot be moved to {to}", f"ls -la {agent.folder.parent}"):
        to.parent.mkdir(mode=0o700, exist_ok=True)
        agent.folder.rename(to)


def _by_hand(ctx: Context, agent: Agent) -> list[str]:
    files, path = ctx.world.files, ctx.fleet.root / NAME
    lines: list[str] = []
    if files.kind(path) != "absent" and f"[agents.{agent.name}]" in files.read_text(path):
        lines.append(f"take [agents.{agent.name}] out of {path}")
    if agent.run_mode == "docker":
        lines.append(f"take the service {agent.name} out of {ctx.fleet.compose}, and remove its container")
    return lines


def _text(result: Removed) -> str:
    verb = "moved to" if result.removed else "would be moved to"
    lines = [f"{result.folder}: {verb} {result.to}; nothing is only there that origin does not have"]
    lines += [f"by hand: {line}" for line in result.by_hand]
    lines += [f"brings it back: {result.undo}"] if result.removed else [f"plan {result.plan}"]
    return "\n".join([*lines, f"Next: {result.next}"])


AGENT_REMOVE = Operation(
    name="agent_remove",
    title="Remove an agent",
    summary="Move the folder of an agent aside, from where it can be brought back. Never with changed files, "
    "stashes, commits that origin lacks or that are on no branch, or while anything runs in it. Shows the plan; with "
    "--plan, does it.",
    effect=Effect.WRITE,
    params=RemoveParams,
    run=_remove,
    text=_text,
    positional=("name",),
    destructive=True,
)
