"""Every READ operation passes in a world that refuses writes, and leaves each byte and time stamp as it was."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from mcp_server.clients.run_claude import OfficialClaude
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.document import as_json
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation
from mcp_server.server.catalogue import shell_catalogue
from mcp_server.server.wiring import context_of
from mcp_server.system.disk_files import DiskFiles

ARGUMENTS: dict[str, dict[str, Any]] = {
    "index_check": {"problem": "login expired"},
    "runbook_read": {"name": "copied-login"},
    "agent_env": {"name": "opus-1"},
    "guard_check": {"command": "git push origin main"},
    "guard_server": {"repository": "o/r"},
}
READS = [operation for operation in shell_catalogue() if operation.effect is Effect.READ]


class WriteRefusedError(Exception):
    """A READ operation tried to write."""


class RefusingFiles(DiskFiles):
    """The real disk, to look at."""

    def replace(
        self, path: Path, data: bytes, *, inside: Path, mode: int | None = None, around: object = None
    ) -> NoReturn:
        raise WriteRefusedError(path)

    def back_up(self, path: Path, run: str) -> NoReturn:
        raise WriteRefusedError(path)

    def lock(self, name: str, wait: float = 10.0) -> NoReturn:
        raise WriteRefusedError(name)

    def config_lock(self, path: Path) -> NoReturn:
        raise WriteRefusedError(path)


class NoClaude(OfficialClaude):
    """No read may need a `claude` process."""

    def refresh(self, store: Path, due: object) -> NoReturn:
        raise WriteRefusedError("claude")


def reading_context(fleet: DemoFleet) -> Context:
    context = context_of(dict(os.environ), fleet.agent("ops-1"), fleet=fleet.root, agent="ops-1")
    world = replace(context.world, files=RefusingFiles(context.world.state), claude=NoClaude({}, context.world.state))
    return replace(context, world=world)


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in folder.rglob("*")}


@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.name)
def test_a_read_needs_no_write_and_changes_nothing(operation: Operation, demo_fleet: DemoFleet) -> None:
    before = state_of(demo_fleet.folder)
    params = operation.params.model_validate(ARGUMENTS.get(operation.name, {}))
    result = operation.run(reading_context(demo_fleet), params)
    assert as_json(result)
    assert operation.text(result)
    assert state_of(demo_fleet.folder) == before
