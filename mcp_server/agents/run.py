"""`agent_run`: this process becomes an agent's client."""

from mcp_server.agents.environment import AgentStart
from mcp_server.agents.look_start import prepare
from mcp_server.agents.write_container import start_container
from mcp_server.clients import claude
from mcp_server.kernel.checked import Field
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


class RunParams(Params):
    name: str = Field(max_length=64, description="Name of the agent")
    args: list[str] = Field(default=[], max_length=200, description="Arguments of its client, after --")


def _run(ctx: Context, params: RunParams) -> AgentStart:
    agent = ctx.agent(params.name)
    # A container without a command of its own runs a shell.
    arguments = params.args or (["sh"] if agent.run_mode == "docker" else [])
    start = prepare(ctx, params.name, arguments)
    _become_agent(ctx, agent, start)
    return start


def _become_agent(ctx: Context, agent: Agent, start: AgentStart) -> None:
    """Replace this process by the agent's client. A Docker agent's container is started first if it does not run."""
    if agent.run_mode == "docker" and (note := start_container(ctx, agent)):
        ctx.world.tell(note)
    environment = start.environment.whole()
    program, *arguments = start.command
    if program == claude.PROGRAM:
        program = environment.get("OPS_CLAUDE") or program
    ctx.world.replace_process((program, *arguments), environment, start.folder)


AGENT_RUN = Operation(
    name="agent_run",
    title="Start an agent",
    summary="Become an agent's client: in its folder, with its own config, its .env without Anthropic's keys, the "
    "host's one login and this plugin; a Docker agent in its container. After -- come arguments of the client.",
    effect=Effect.WRITE,
    params=RunParams,
    run=_run,
    text=lambda start: f"{start.agent} was started",
    positional=("name", "args"),
)
