"""A fleet that is nothing but configs: a master, agents' folders, and the two operations on them."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mcp_server.domain.config import Take
from mcp_server.domain.document import Json
from mcp_server.operations.config_back import (
    CONFIG_CAPTURE,
    CONFIG_ROLLBACK,
    CaptureParams,
    ConfigCapture,
    ConfigRollback,
    RollbackParams,
)
from mcp_server.operations.config_plan import CONFIG_PLAN, ConfigPlan, PlannedAgent, PlanParams
from mcp_server.operations.config_sync import CONFIG_SYNC, ConfigSync, SyncedAgent, SyncParams
from mcp_server.ports import Context
from mcp_server.wiring import context_of

SERVER: Json = {"type": "stdio", "command": "npx", "args": ["-y", "@acme/postgres-mcp"], "env": {}}
MASTER: dict[str, Json] = {"theme": "light", "editorMode": "vim", "mcpServers": {"postgres": SERVER}}
OWN: dict[str, Json] = {
    "numStartups": 7,
    "oauthAccount": {"emailAddress": "someone@example.test"},
    "projects": {"/work": {"hasTrustDialogAccepted": True, "lastCost": 1.50}},
    "hasCompletedOnboarding": True,
}
"What each agent's file holds beside the master's keys."


@dataclass(frozen=True)
class ConfigFleet:
    root: Path

    @property
    def master(self) -> Path:
        return self.root / "Docker" / "claude.json.master"

    def path(self, agent: str) -> Path:
        return self.root / agent / ".claude.json"

    def read(self, agent: str) -> dict[str, Json]:
        found: dict[str, Json] = json.loads(self.path(agent).read_bytes())
        return found

    def edit(self, agent: str, changes: Mapping[str, Json]) -> None:
        write(self.path(agent), {**self.read(agent), **changes})

    def context(self) -> Context:
        return context_of({**os.environ, "OPS_FLEET": str(self.root)}, self.root)

    def key(self) -> str:
        """The folder of the bases, below `configs` in the state folder."""
        return self.context().key

    def plan(self, *agents: str) -> ConfigPlan:
        result: ConfigPlan = CONFIG_PLAN.run(self.context(), PlanParams(agents=list(agents)))
        return result

    def planned(self, agent: str) -> PlannedAgent:
        return self.plan(agent).agents[0]

    def sync(self, *agents: str, take: Take | None = None, plan: str | None = None, **more: Any) -> ConfigSync:
        params = SyncParams(plan=plan or self.plan(*agents).plan, agents=list(agents), take=take, **more)
        result: ConfigSync = CONFIG_SYNC.run(self.context(), params)
        return result

    def synced(self, agent: str, take: Take | None = None, **more: Any) -> SyncedAgent:
        return self.sync(agent, take=take, **more).agents[0]

    def roll_back(self, run: str | None = None, *, force: bool = False) -> ConfigRollback:
        result: ConfigRollback = CONFIG_ROLLBACK.run(self.context(), RollbackParams(run=run, force=force))
        return result

    def capture(self, agent: str, pointer: str, comment: str | None = None) -> ConfigCapture:
        params = CaptureParams(name=agent, pointer=pointer, comment=comment)
        result: ConfigCapture = CONFIG_CAPTURE.run(self.context(), params)
        return result

    def states(self, *agents: str) -> dict[str, str]:
        return {row.agent: row.state for row in self.plan(*agents).agents}

    def files(self) -> dict[Path, bytes]:
        """Everything in the fleet's folder."""
        return {path: path.read_bytes() for path in sorted(self.root.rglob("*")) if path.is_file()}


def write(path: Path, value: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2), "utf-8")


@pytest.fixture
def configs(tmp_path: Path) -> ConfigFleet:
    """Three agents whose configs hold their own state and nothing of the master yet."""
    fleet = ConfigFleet(tmp_path / "agents")
    write(fleet.master, MASTER)
    for agent in ("opus-1", "opus-2", "pm-1"):
        write(fleet.path(agent), OWN)
    return fleet
