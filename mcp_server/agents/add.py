"""`agent_add`: a new agent, as a clone of the fleet's repository. Shows the plan; with `--plan`, does it."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mcp_server.agents.write_add import Step, add_agent
from mcp_server.configs.desired import digest
from mcp_server.fleet.look_env import env_of
from mcp_server.kernel.checked import Field
from mcp_server.kernel.document import columns
from mcp_server.kernel.errors import OpsError, shown
from mcp_server.kernel.inventory import Agent, role_of
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.workflow.look_clones import Clone, look_at_clones


class AddParams(Params):
    name: str = Field(max_length=64, description="Name of the new agent: role-number, such as opus-7")
    origin: str = Field(default="", max_length=1000, description="URL to clone; default: the origin of the fleet")
    plan: str = Field(default="", max_length=64, description="Do this plan; without it: make the plan")


@dataclass(frozen=True)
class Added:
    """`by_hand` is what a person does: keys are never copied from one agent to another."""

    plan: str
    agent: str
    folder: Path
    steps: tuple[Step, ...]
    by_hand: tuple[str, ...]
    next: str


def _add(ctx: Context, params: AddParams) -> Added:
    agent = _new(ctx, params.name)
    with ctx.world.files.lock(f"agents-{ctx.key}"):
        if ctx.world.files.kind(agent.folder) != "absent":
            step = f"Look at it: ls -la {agent.folder}"
            raise OpsError("conflict", f"{agent.folder} exists already, nothing is overwritten", step)
        origin = params.origin or _origin(ctx)
        if urlsplit(origin).password:
            step = "Leave it out: git asks its credential helper"
            raise OpsError("denied", "the URL of the origin holds a password, and a clone would keep it", step)
        plan = digest([str(ctx.fleet.root), agent.name, str(agent.folder), origin])[:16]
        by_hand = tuple(_by_hand(ctx, agent))
        if not params.plan:
            given = f" --origin {params.origin}" if params.origin else ""
            step = f"ops agent add {agent.name}{given} --plan {plan}"
            return Added(plan, agent.name, agent.folder, _planned(ctx, agent, origin), by_hand, step)
        if params.plan != plan:
            step = f"Plan again: ops agent add {agent.name}"
            raise OpsError("conflict", f"the plan {shown(params.plan, 20)} is not the one of {agent.name}", step)
        steps = add_agent(ctx, agent, origin)
    trouble = next((step.next for step in steps if step.next), None)
    return Added(plan, agent.name, agent.folder, steps, by_hand, trouble or f"ops --agent {agent.name} branch start")


def _new(ctx: Context, name: str) -> Agent:
    if known := ctx.fleet.agent(name):
        return known
    role = role_of(name)
    if role is None:
        step = "Give it a name such as opus-7"
        raise OpsError("invalid", f"{shown(name)} is no name of an agent: a role, a dash and a number", step)
    return Agent(name, role, "host", ctx.fleet.root / name)


def _origin(ctx: Context) -> str:
    looks = look_at_clones(ctx.world.git, ctx.fleet.agents, ask=False).values()
    found = Counter(look.state.origin for look in looks if isinstance(look, Clone) and look.state.origin)
    if not found:
        raise OpsError("not_found", "no clone of the fleet has an origin", "Name it: --origin URL")
    if len(found) > 1:
        known = ", ".join(sorted(map(str, found)))
        raise OpsError("invalid", f"the clones of the fleet have several origins: {known}", "Name one: --origin URL")
    return str(next(iter(found)))


def _planned(ctx: Context, agent: Agent, origin: str) -> tuple[Step, ...]:
    return (
        Step("clone", "planned", f"{origin} in {agent.folder}"),
        Step("env", "planned", f"{agent.env_file} with AGENT_NAME"),
        Step(
            "config",
            "planned",
            f"from the master, {ctx.fleet.master}" if ctx.fleet.master else "the fleet has no master",
        ),
        Step("hooks", "planned", "the guard's, tested with git"),
    )


def _by_hand(ctx: Context, agent: Agent) -> list[str]:
    mates = [each for each in ctx.fleet.agents if each.role == agent.role and each.name != agent.name]
    names: set[str] = set()
    for mate in mates:
        try:
            names.update(env_of(ctx.world, mate).names)
        except OpsError:
            continue
    keys = ", ".join(sorted(names - {"AGENT_NAME"}))
    lines = [f"write into {agent.env_file}, as its role has them: {keys}"] if keys else []
    if agent.run_mode != "host" or any(mate.run_mode == "docker" for mate in mates):
        lines.append(f"give {ctx.fleet.compose or 'the compose file'} the service {agent.name}")
    return lines


def _text(result: Added) -> str:
    lines = [columns([(step.name, step.state, step.message) for step in result.steps])]
    lines += [f"by hand: {line}" for line in result.by_hand]
    return "\n".join([*lines, f"plan {result.plan}", f"Next: {result.next}"])


AGENT_ADD = Operation(
    name="agent_add",
    title="Add an agent",
    summary="Clone the fleet's repository for a new agent, write its .env and its config, and install the guard's "
    "hooks. Shows the plan; with --plan, does it.",
    effect=Effect.WRITE,
    params=AddParams,
    run=_add,
    text=_text,
    ok=lambda result: all(step.state != "trouble" for step in result.steps),
    positional=("name",),
)
