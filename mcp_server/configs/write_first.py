"""Writes the first config of a new agent: without one its client would begin with its introduction."""

import json

from mcp_server.clients.claude import CONFIG_FILE, ONBOARDED
from mcp_server.configs.look_configs import look_at
from mcp_server.configs.look_file import AgentConfig
from mcp_server.configs.look_masters import Masters
from mcp_server.configs.three_way import Choice
from mcp_server.configs.write_agent import SyncedAgent, SyncRun, sync_agent
from mcp_server.configs.write_file import fleet_lock, new_run
from mcp_server.kernel.inventory import Agent
from mcp_server.operation.context import Context


def write_first_config(ctx: Context, agent: Agent) -> SyncedAgent | None:
    """Give the agent a config with the master's values; returns None in a fleet without a master."""
    file = AgentConfig(agent.folder, CONFIG_FILE, agent=agent)
    with fleet_lock(ctx):
        first = json.dumps({ONBOARDED: True}).encode()
        ctx.world.files.replace(file.path, first, inside=agent.folder, mode=0o600)
        if ctx.fleet.master is None:
            return None
        masters = Masters(ctx)
        sync = SyncRun(ctx, masters, Choice(), restore=False, run=new_run(ctx.world))
        return sync_agent(sync, look_at(ctx, file, masters))
