"""Long-lived tokens that their agents cannot use, and stores that their `.env` names and ops does not know."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from mcp_server.clients.claude import LONG_LIVED, STORE_VARIABLES
from mcp_server.fleet.look_containers import AgentContainer, agent_containers, compose_containers
from mcp_server.fleet.look_env import broken_line, unexpanded
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.finding import Hazard
from mcp_server.kernel.inventory import Agent
from mcp_server.logins.agent_login import AgentLogin
from mcp_server.logins.codex_and_gemini import CODEX_AND_GEMINI
from mcp_server.logins.look_shadowing import unreadable
from mcp_server.operation.context import Context


def token_hazards(ctx: Context, logins: Mapping[str, AgentLogin]) -> Iterator[Hazard]:
    """`setup_token_missing`, `token_broken` and `unreadable_source`, without any part of a token."""
    containers = agent_containers(ctx)
    services: Mapping[str, AgentContainer] = {}
    with suppress(OpsError):  # the hazards of the containers name a compose file that cannot be read
        services = {service.agent: service for service in compose_containers(ctx)}
    for agent in ctx.fleet.agents:
        yield from _unexpanded(ctx, agent)
        if agent.client == "claude":
            yield from _missing(agent, logins[agent.name])
            service = services.get(agent.name)
            files = (agent.env_file, *(service.environment_files if service else ()))
            broken = [*_broken_in(ctx, agent.name, dict.fromkeys(map(ctx.world.files.real, files)))]
            yield from broken or _broken_of(containers.get(agent.name))


def _missing(agent: Agent, login: AgentLogin) -> Iterator[Hazard]:
    if login.kind != "long_lived" or not login.named or login.token:
        return
    place = str(agent.env_file) if agent.run_mode == "host" else f"the environment of {agent.name}'s container"
    message = f"{login.source} gives {agent.name} a long-lived token, and there is no {LONG_LIVED} in {place}"
    step = f"A human runs claude setup-token, and writes its token to {place}: {LONG_LIVED}=..."
    yield Hazard("setup_token_missing", (agent.name,), message, step)


def _unexpanded(ctx: Context, agent: Agent) -> Iterator[Hazard]:
    others = [each.variable for each in CODEX_AND_GEMINI if each.client == agent.client]
    if not agent.login and (name := unexpanded(ctx.world, agent, others or STORE_VARIABLES)):
        step = f"Write the whole path, without a variable, as {name} in {agent.env_file}"
        error = OpsError("invalid", f"the folder that {name} names in {agent.env_file}: a shell expands it", step)
        yield unreadable(error, (agent.name,))


def _broken_in(ctx: Context, agent: str, files: Iterable[Path]) -> Iterator[Hazard]:
    for path in files:
        if line := broken_line(ctx.world, path, LONG_LIVED):
            message = f"line {line} of {path} breaks the value of {LONG_LIVED}: is the token on two lines?"
            yield Hazard("token_broken", (agent,), message, f"Join the token to one line in {path}")


def _broken_of(container: AgentContainer | None) -> Iterator[Hazard]:
    value = container and container.environment.get(LONG_LIVED)
    if container and value and len(value.reveal().split()) > 1:
        message = f"{LONG_LIVED} of {container.origin} has a space or a line break in it"
        yield Hazard("token_broken", (container.agent,), message, f"Join the token to one word {container.remedy}")
