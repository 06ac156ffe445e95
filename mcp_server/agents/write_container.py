"""Starts the container of an agent, and never replaces one that runs."""

import shlex
from dataclasses import replace

from mcp_server.fleet.look_containers import agent_containers, compose_options
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context


def start_container(ctx: Context, agent: Agent) -> str | None:
    """Start the agent's container if it does not run; it is the same afterwards, whatever its settings say by now.

    Returns what the person should know about it.
    """
    compose = compose_options(ctx)
    contained = agent_containers(ctx).get(agent.name)
    if isinstance(ctx.engine, OpsError):
        raise ctx.engine
    container = contained.container if contained else None
    if container is None or not container.running:
        ctx.world.containers.up(compose, agent.name)
        _require_running(ctx, agent)
    return None if container and not container.service else _outdated(ctx, agent, compose)


def _require_running(ctx: Context, agent: Agent) -> None:
    found = agent_containers(replace(ctx)).get(agent.name)  # asks the engine again
    if found and found.container and found.container.running:
        return
    compose = compose_options(ctx)
    logs = shlex.join(["docker", "compose", *compose, "logs", "--tail", "20", agent.name])
    note = _outdated(ctx, agent, compose)
    message = f"the container of {agent.name} was started and ended at once" + (f"; {note}" if note else "")
    raise OpsError("unavailable", message, logs)


def _outdated(ctx: Context, agent: Agent, compose: tuple[str, ...]) -> str | None:
    try:
        if not ctx.world.containers.would_be_replaced(compose, agent.name):
            return None
    except OpsError as error:
        return f"whether the settings of {agent.name} have changed since it was made is not known: {error.message}"
    again = shlex.join(["docker", "compose", *compose, "up", "--detach", agent.name])
    return (
        f"the settings of {agent.name} (its .env, its compose file) have changed since its container was made, and "
        f"it keeps the old ones. To apply them, which ends whatever runs in it: {again}"
    )
