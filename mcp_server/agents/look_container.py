"""Where an agent runs, and the command that reaches its container. Nothing starts anywhere else than asked."""

from collections.abc import Mapping

from mcp_server.clients import claude
from mcp_server.fleet.fleet_file import NAME
from mcp_server.fleet.look_containers import agent_containers, compose_containers, compose_options
from mcp_server.fleet.look_env import env_of
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.logins.shadowing import shadows
from mcp_server.operation.context import Context


def require_run_mode(ctx: Context, agent: Agent) -> None:
    """Refuse an agent that may belong in a container, while nothing says which one: the host is no second choice."""
    if agent.run_mode == "host" or (agent.run_mode == "docker" and ctx.fleet.compose):
        return
    reason, step = _why_unknown(ctx, agent)
    message = f"{agent.name} is not started: whether it runs in Docker is not known, as {reason}"
    raise OpsError(
        "invalid",
        message,
        f'{step}; if it runs on the host, write in {ctx.fleet.root / NAME}: [agents.{agent.name}] run_mode = "host"',
    )


def _why_unknown(ctx: Context, agent: Agent) -> tuple[str, str]:
    compose = ctx.fleet.compose
    if compose is None:
        return "there is no compose file", "Restore it, or name it in fleet.toml: [fleet] compose"
    try:
        compose_containers(ctx)
    except OpsError as error:
        return error.message, error.next
    return f"{compose} has no service {agent.name}", f"Give {compose} the service {agent.name}"


def container_command(ctx: Context, agent: Agent, variables: Mapping[str, str]) -> tuple[str, ...]:
    """The command that runs another one in the agent's container, with these variables, none of them secret, and
    without those that shadow its login there.
    """
    found = agent_containers(ctx).get(agent.name)
    assigned = {v.name: v.value for v in env_of(ctx.world, agent).variables}
    assigned |= found.environment if found else {}
    options = [part for name in shadows(assigned) if name != claude.LONG_LIVED for part in ("-u", name)]
    unset = ["env", *options] if options else []
    named = [part for name, value in variables.items() for part in ("--env", f"{name}={value}")]
    container = found.container if found else None
    if container and not container.service:  # started by hand, unknown to Compose
        return ("docker", "exec", *(("-it",) if ctx.world.terminal else ("-i",)), *named, container.name, *unset)
    project = ("--project-name", container.project) if container else ()
    exec_ = ("exec", *(() if ctx.world.terminal else ("-T",)), *named, agent.name, *unset)
    return ("docker", "compose", *project, *compose_options(ctx), *exec_)
