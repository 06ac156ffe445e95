"""Incidents of the example fleet, opened at a time of one's own."""

import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from mcp_server.domain.errors import OpsError
from mcp_server.operations.incident_update import INCIDENT_UPDATE, Updated, UpdateParams
from mcp_server.operations.incidents import INCIDENT_OPEN, Opened, OpenParams
from mcp_server.ports import Context
from mcp_server.wiring import context_of

ROOT = Path(__file__).resolve().parents[1]
FOLDER = "docs/support/incidents"
CANARY = "sk-ant-" + "oat01-" + "canary" * 8


@dataclass(frozen=True)
class Stopped:
    """A clock that stands."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def context(fleet: DemoFleet, caller: str | None = "ops-1", cwd: Path | None = None) -> Context:
    environment = {
        "HOME": str(fleet.home),
        "OPS_HOME": str(fleet.folder / "state"),
        "PATH": os.environ["PATH"],
    }
    return context_of(environment, cwd or fleet.root, fleet=fleet.root, agent=caller)


def at(ctx: Context, moment: datetime) -> Context:
    return replace(ctx, world=replace(ctx.world, clock=Stopped(moment)))


def opened(ctx: Context, title: str = "Disk full", summary: str = "No space left", **more: object) -> Opened:
    params = OpenParams.model_validate({"title": title, "severity": "sev2", "summary": summary, **more})
    return INCIDENT_OPEN.run(ctx, params)


def refused(ctx: Context, **more: str) -> OpsError:
    with pytest.raises(OpsError) as error:
        opened(ctx, **more)
    return error.value


def changed(clone: Path) -> list[str]:
    return git(clone, "status", "--porcelain", "--untracked-files=all").splitlines()


def index_of(clone: Path) -> Path:
    return clone / FOLDER / "INDEX.md"


def told(ctx: Context, name: str, **more: object) -> Updated:
    return INCIDENT_UPDATE.run(ctx, UpdateParams.model_validate({"id": name, **more}))


def pm_alone_writes_rows(fleet: DemoFleet) -> None:
    with (fleet.root / "fleet.toml").open("a") as file:
        file.write('\n[docs]\nindex_rows = "pm"\n')
