"""Starts an agent in place of this process."""

from collections.abc import Mapping

from mcp_server.agents.environment import AgentStart
from mcp_server.clients import claude
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context


def become_agent(ctx: Context, agent: Agent, start: AgentStart) -> None:
    """Replace this process by the agent's client. A Docker agent's container is started first if it does not run."""
    if agent.run_mode == "docker" and ctx.fleet.compose:
        ctx.world.containers.up(ctx.fleet.compose, agent.name)
    inherited = {name: value for name, value in ctx.world.environment.items() if claude.is_inherited(name)}
    own = {name: value.reveal() for name, value in start.values.items()}
    environment = {**inherited, **own, **start.variables}
    ctx.world.replace_process(_chosen(start.command, environment), environment, start.folder)


def _chosen(command: tuple[str, ...], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The command, with the `claude` that OPS_CLAUDE names."""
    program = environment.get("OPS_CLAUDE") if command[0] == claude.PROGRAM else None
    return (program, *command[1:]) if program else command
