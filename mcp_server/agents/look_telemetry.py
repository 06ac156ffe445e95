"""The variables and options with which an agent's client names itself in telemetry, and sends it."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from mcp_server.clients.telemetry import ATTRIBUTES, exporting, labelled, options
from mcp_server.fleet.look_containers import agent_containers
from mcp_server.kernel.inventory import Agent, Telemetry
from mcp_server.kernel.secret import Secret
from mcp_server.operation.context import Context

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def telemetry_variables(ctx: Context, agent: Agent, env_file: Mapping[str, Secret]) -> dict[str, str]:
    """The variables of the agent; what its `.env` or its container sets wins, apart from its name."""
    own = env_file
    if agent.run_mode == "docker" and (found := agent_containers(ctx).get(agent.name)):
        own = {**env_file, **found.environment}
    before = own[ATTRIBUTES].reveal() if ATTRIBUTES in own else ctx.world.environment.get(ATTRIBUTES, "")
    settings = _settings(ctx, agent)
    sent = exporting(agent, settings) if settings else {}
    return labelled(agent, ctx.fleet.root.name, before) | {n: v for n, v in sent.items() if n not in own}


def telemetry_options(ctx: Context, agent: Agent, env_file: Mapping[str, Secret]) -> tuple[str, ...]:
    """The options for a client that takes no such variables."""
    settings = _settings(ctx, agent)
    return options(agent, settings, {n: v.reveal() for n, v in env_file.items()}) if settings else ()


def _settings(ctx: Context, agent: Agent) -> Telemetry | None:
    """As the agent reaches the receiver: the host's loopback is not that of a container."""
    settings = ctx.fleet.telemetry
    if settings is None or agent.run_mode != "docker":
        return settings
    if settings.contained:
        return replace(settings, endpoint=settings.contained)
    return None if urlsplit(settings.endpoint).hostname in _LOOPBACK else settings
