"""Configs that fall out of step with the master."""

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.state import merge, write
from mcp_server.domain.document import Json

SERVER: dict[str, Json] = {
    "type": "stdio",
    "command": "npx",
    "args": ["-y", "@playwright/mcp@0.0.41", "--headless"],
    "env": {},
}
POSTGRES: list[Json] = ["-y", "@agents-platform/postgres-mcp@1.4.2", "--read-only"]


def miss_server(fleet: DemoFleet) -> None:
    """The master gains an MCP server; opus-2 is left out."""
    _roll_out(fleet, {"mcpServers": {"playwright": SERVER}}, but="opus-2")


def miss_value(fleet: DemoFleet) -> None:
    """The master moves to a newer server version; codex-3 keeps the old one."""
    _roll_out(fleet, {"mcpServers": {"postgres": {"args": POSTGRES}}}, but="codex-3")


def change_locally(fleet: DemoFleet) -> None:
    """gemini-2 changes two settings that the master owns."""
    merge(fleet.agent("gemini-2") / ".claude.json", {"theme": "light-ansi", "verbose": False})


def cut_off(fleet: DemoFleet) -> None:
    """The disk was full while qa-1's config was written in place."""
    path = fleet.agent("qa-1") / ".claude.json"
    text = path.read_text("utf-8")
    write(path, text[: len(text) * 2 // 3])


def _roll_out(fleet: DemoFleet, changes: dict[str, Json], but: str) -> None:
    merge(fleet.master, changes)
    for agent in fleet.agents:
        if agent != but:
            merge(fleet.agent(agent) / ".claude.json", changes)
