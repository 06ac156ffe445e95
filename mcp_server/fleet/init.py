"""`fleet_init` writes a `fleet.toml` that names the agents found."""

from dataclasses import dataclass
from pathlib import Path

from mcp_server.fleet.write_fleet_file import write_fleet_file
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params


@dataclass(frozen=True)
class FleetInit:
    """The `fleet.toml` that was written, the agents it names, and those of them that run in Docker."""

    path: Path
    agents: tuple[str, ...]
    docker: tuple[str, ...]


def _init(ctx: Context, _: Params) -> FleetInit:
    agents = ctx.fleet.agents
    docker = tuple(agent.name for agent in agents if agent.run_mode == "docker")
    return FleetInit(write_fleet_file(ctx), tuple(agent.name for agent in agents), docker)


FLEET_INIT = Operation(
    name="fleet_init",
    title="Describe the fleet",
    summary="Writes a fleet.toml that names the agents found, so that one whose folder goes missing is noticed.",
    effect=Effect.WRITE,
    params=Params,
    run=_init,
    text=lambda result: f"Wrote {result.path}: {len(result.agents)} agents, {len(result.docker)} of them in Docker",
)
