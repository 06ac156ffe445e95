"""`agent_run`: this process becomes an agent's client; with `--all` or `--role` several start in windows of tmux."""

from collections.abc import Sequence

from mcp_server.agents.environment import AgentStart
from mcp_server.agents.look_start import prepare
from mcp_server.agents.outcome import Outcomes
from mcp_server.agents.write_container import start_container
from mcp_server.agents.write_home import make_home
from mcp_server.agents.write_windows import start_in_windows
from mcp_server.clients import claude
from mcp_server.kernel.checked import Field
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class RunParams(Params):
    name: str = Field(default="", max_length=64, description="Name of the agent; none with --all or --role")
    args: list[str] = Field(default=[], max_length=200, description="Arguments of its client, after --")
    all: bool = Field(default=False, description="Start every agent that is stopped, each in a window of tmux")
    role: str = Field(default="", max_length=32, description="Like --all, for the agents of this role")
    pause: int = Field(default=2, ge=0, le=600, description="Seconds between two starts")


def _run(ctx: Context, params: RunParams) -> AgentStart | Outcomes:
    if params.all or params.role:
        return _run_several(ctx, params)
    if not params.name:
        raise OpsError(
            "invalid", "no agent is named", "Name one: ops agent run NAME, or start all: ops agent run --all"
        )
    agent = ctx.agent(params.name)
    # A container without a command of its own runs a shell.
    arguments = params.args or (["sh"] if agent.run_mode == "docker" else [])
    start = prepare(ctx, params.name, arguments)
    make_home(ctx, agent)
    _become_agent(ctx, agent, start)
    return start


def _run_several(ctx: Context, params: RunParams) -> Outcomes:
    # The first argument after -- is in the place of the name.
    arguments: Sequence[str] = [params.name, *params.args] if params.name else params.args
    if ctx.fleet.agent(params.name):
        raise OpsError("invalid", f"{params.name} is named, and --all or --role as well", "Give one of them")
    agents = [agent for agent in ctx.fleet.agents if params.role in ("", agent.role)]
    if not agents:
        known = ", ".join(sorted({agent.role for agent in ctx.fleet.agents}))
        raise OpsError("not_found", f"no agent has the role {params.role!r}", f"Name one of: {known}")
    started = start_in_windows(ctx, agents, arguments, params.pause)
    first = next((each.agent for each in started if each.state == "started"), None)
    return Outcomes(started, f"ops agent attach {first}" if first else None)


def _become_agent(ctx: Context, agent: Agent, start: AgentStart) -> None:
    """Replace this process by the agent's client. A Docker agent's container is started first if it does not run."""
    if agent.run_mode == "docker" and (note := start_container(ctx, agent)):
        ctx.world.tell(note)
    environment = start.environment.whole()
    program, *arguments = start.command
    if program == claude.PROGRAM:
        program = environment.get("OPS_CLAUDE") or program
    ctx.world.tmux.say_ready()
    ctx.world.replace_process((program, *arguments), environment, start.folder)


def _is_done(result: AgentStart | Outcomes) -> bool:
    return isinstance(result, AgentStart) or all(each.state != "failed" for each in result.agents)


AGENT_RUN = Operation(
    name="agent_run",
    title="Start an agent",
    summary="Become an agent's client: in its folder, with its own config, its .env without Anthropic's keys, the "
    "host's one login and this plugin; a Docker agent in its container. After -- come arguments of the client. With "
    "--all or --role: start each in a window of tmux.",
    effect=Effect.WRITE,
    params=RunParams,
    run=_run,
    text=lambda result: f"{result.agent} was started" if isinstance(result, AgentStart) else result.text,
    ok=_is_done,
    positional=("name", "args"),
)
