"""The example fleet: real clones of a real origin, with configs, environments and a login of made-up tokens."""

import json
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import cast

from mcp_server.demo import state
from mcp_server.demo.git import git
from mcp_server.demo.history import TEMPLATE, make_origin
from mcp_server.kernel.document import Json

DOCKER = ("test-1", "test-2", "human-1")
AGENTS = (
    *(f"opus-{n}" for n in range(1, 7)),
    *(f"codex-{n}" for n in range(1, 9)),
    *("gemini-1", "gemini-2", "pm-1", "pm-2", "qa-1", "ops-1", "dba-1", "dm-1"),
    *DOCKER,
)
BRANCHES = {
    "opus-1": "opus/job-priorities",
    "opus-2": "opus/health-details",
    "codex-1": "codex/worker-shutdown",
    "codex-2": "codex/api-validation",
    "gemini-1": "gemini/observability-notes",
    "pm-1": "pm/november",
    "ops-1": "ops",
}
"Agents on a topic branch; every other agent is on a branch named after it, such as `codex/3`."


@dataclass(frozen=True)
class DemoFleet:
    """The paths of the fleet. The logins' times are relative to `now`."""

    folder: Path
    now: datetime
    agents: tuple[str, ...]

    @property
    def root(self) -> Path:
        return self.folder / "agents-platform"

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def store(self) -> Path:
        """The host's credential store, a config folder of Claude Code."""
        return self.home / ".claude"

    @property
    def master(self) -> Path:
        return self.root / "Docker" / "claude.json.master"

    def agent(self, name: str) -> Path:
        """The agent's folder."""
        return self.root / name


def build(folder: Path, now: datetime, agents: Iterable[str] = AGENTS) -> DemoFleet:
    """Make the fleet in `folder`, which is created and must be empty; `now` is aware. Nothing is read from HOME."""
    folder.mkdir(parents=True, exist_ok=True)
    fleet = DemoFleet(folder.resolve(), now, tuple(agents))
    make_origin(fleet.origin)
    shutil.copytree(TEMPLATE / "Docker", fleet.root / "Docker")
    state.write_json(fleet.store / ".credentials.json", state.login("host", now + state.LIVE, now + state.LOGIN))
    (fleet.root / "fleet.toml").write_text(f"[claude]\nstore = {json.dumps(str(fleet.store))}\n", "utf-8")
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(partial(_make_agent, fleet), fleet.agents))
    return fleet


def master(fleet: DemoFleet) -> dict[str, Json]:
    return cast("dict[str, Json]", json.loads(fleet.master.read_text("utf-8")))


def branch_of(agent: str) -> str:
    role, number = agent.rsplit("-", 1)
    return BRANCHES.get(agent, f"{role}/{number}")


def _make_agent(fleet: DemoFleet, name: str) -> None:
    clone = fleet.agent(name)
    settings = {"user.name": name, "user.email": f"{name}@agents-platform.example", "gc.auto": "0"}
    settings["maintenance.auto"] = "false"
    options = [part for key, value in settings.items() for part in ("--config", f"{key}={value}")]
    git(fleet.root, "clone", "--quiet", "--local", *options, str(fleet.origin), str(clone))
    git(clone, "switch", "--quiet", "--create", branch_of(name))
    workspace = "/workspace" if name in DOCKER else str(clone)
    state.write_json(clone / ".claude.json", state.config(name, workspace, master(fleet), fleet.now))
    state.write(clone / ".env", state.environment(name))
