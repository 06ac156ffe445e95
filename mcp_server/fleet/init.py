"""`fleet_init` writes a `fleet.toml` that names the agents found."""

import json
from dataclasses import dataclass
from pathlib import Path

from mcp_server.fleet.fleet_file import NAME
from mcp_server.fleet.look_containers import compose_containers
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Fleet
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
    return FleetInit(_write(ctx), tuple(agent.name for agent in agents), docker)


def _write(ctx: Context) -> Path:
    """Write the file and return its path; `conflict` if there is one already or the fleet changed meanwhile."""
    fleet, files = ctx.fleet, ctx.world.files
    path = fleet.root / NAME
    compose_containers(ctx)  # raises for an unreadable compose file: the run modes written would be wrong
    with files.lock("fleet"):
        if files.kind(path) != "absent":
            raise OpsError("conflict", f"{path} exists already, it is not overwritten", f"Edit {path}")
        files.replace(path, _content(fleet).encode(), inside=fleet.root, mode=0o644)
    if ctx.locate() != fleet:
        raise OpsError("conflict", f"{path} was written, but the fleet changed meanwhile", f"Look at {path}")
    return path


def _content(fleet: Fleet) -> str:
    shared = {"master": fleet.master, "compose": fleet.compose}
    lines = ["# The agents of this folder. What this file says wins over what ops finds by itself.", "", "[fleet]"]
    lines += [f"{key} = {_quoted(path.relative_to(fleet.root))}" for key, path in shared.items() if path]
    for agent in fleet.agents:
        known = [f'run_mode = "{agent.run_mode}"'] if agent.run_mode != "unknown" else []
        lines += ["", f"[agents.{agent.name}]", f'role = "{agent.role}"', *known]
    return "\n".join([*lines, ""])


def _quoted(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)


FLEET_INIT = Operation(
    name="fleet_init",
    title="Describe the fleet",
    summary="Writes a fleet.toml that names the agents found, so that one whose folder goes missing is noticed.",
    effect=Effect.WRITE,
    run=_init,
    text=lambda result: f"Wrote {result.path}: {len(result.agents)} agents, {len(result.docker)} of them in Docker",
)
