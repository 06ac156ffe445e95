"""Configs that fall out of step with the master."""

from contextlib import ExitStack

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.undo import merge, rewrite
from mcp_server.domain.document import Json

SERVER: dict[str, Json] = {
    "type": "stdio",
    "command": "npx",
    "args": ["-y", "@playwright/mcp@0.0.41", "--headless"],
    "env": {},
}
POSTGRES: list[Json] = ["-y", "@agents-platform/postgres-mcp@1.4.2", "--read-only"]


def miss_server(fleet: DemoFleet, undo: ExitStack) -> None:
    """The master gains an MCP server; opus-2 is left out."""
    _roll_out(fleet, undo, {"mcpServers": {"playwright": SERVER}}, but="opus-2")


def miss_value(fleet: DemoFleet, undo: ExitStack) -> None:
    """The master moves to a newer server version; codex-3 keeps the old one."""
    _roll_out(fleet, undo, {"mcpServers": {"postgres": {"args": POSTGRES}}}, but="codex-3")


def change_locally(fleet: DemoFleet, undo: ExitStack) -> None:
    """gemini-2 changes two settings that the master owns."""
    merge(undo, fleet.agent("gemini-2") / ".claude.json", {"theme": "light-ansi", "verbose": False})


def cut_off(fleet: DemoFleet, undo: ExitStack) -> None:
    """The disk was full while qa-1's config was written in place."""
    path = fleet.agent("qa-1") / ".claude.json"
    text = path.read_text("utf-8")
    rewrite(undo, path, text[: len(text) * 2 // 3])


def _roll_out(fleet: DemoFleet, undo: ExitStack, changes: dict[str, Json], but: str) -> None:
    merge(undo, fleet.master, changes)
    for agent in fleet.agents:
        if agent != but:
            merge(undo, fleet.agent(agent) / ".claude.json", changes)
