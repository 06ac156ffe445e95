"""Writes a `fleet.toml` that describes the fleet found."""

import json
from pathlib import Path

from mcp_server.fleet.fleet_file import NAME
from mcp_server.fleet.look_containers import compose_containers
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.inventory import Fleet
from mcp_server.operation.context import Context


def write_fleet_file(ctx: Context) -> Path:
    """Write the file and return its path; `conflict` if there is one already or the fleet changed meanwhile."""
    fleet, files = ctx.fleet, ctx.world.files
    path = fleet.root / NAME
    compose_containers(ctx)  # raises for an unreadable compose file: the run modes written would be wrong
    with files.lock("fleet"):
        if files.kind(path) != "absent":
            raise OpsError("conflict", f"{path} exists already, it is not overwritten", f"Edit {path}")
        files.replace(path, _text(fleet).encode(), inside=fleet.root, mode=0o644)
    if ctx.locate() != fleet:
        raise OpsError("conflict", f"{path} was written, but the fleet changed meanwhile", f"Look at {path}")
    return path


def _text(fleet: Fleet) -> str:
    shared = {"master": fleet.master, "compose": fleet.compose}
    lines = ["# The agents of this folder. What this file says wins over what ops finds by itself.", "", "[fleet]"]
    lines += [f"{key} = {_quoted(path.relative_to(fleet.root))}" for key, path in shared.items() if path]
    for agent in fleet.agents:
        lines += ["", f"[agents.{agent.name}]", f'role = "{agent.role}"', f'run_mode = "{agent.run_mode}"']
    return "\n".join([*lines, ""])


def _quoted(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)
