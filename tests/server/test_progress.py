"""Long work tells how far it is, and a caller that wants no more is heard: over stdio and HTTP, in both eras."""

import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from mcp_server.activity.write_journal import AUDIT, SERVER, Journal
from mcp_server.audit.fleet_audit import FLEET_AUDIT, AuditParams
from mcp_server.configs.plan import CONFIG_PLAN, PlanParams
from mcp_server.configs.sync import CONFIG_SYNC, SyncParams
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.errors import CancelledCallError
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Effect, Operation, Params
from mcp_server.server import tool_server as served_by
from mcp_server.server.audited import run
from mcp_server.server.metrics import Metrics
from mcp_server.server.progress import reporting
from mcp_server.server.wiring import context_of
from tests.fixtures.served import BOUND, CLI, inside

ERAS = ["legacy", "auto"]
STEPS = 40


class NoParams(Params):
    """None."""


@dataclass
class Long:
    """An operation that goes on for ever unless it is cancelled; `begun` and `stopped` tell how it went."""

    endless: bool
    begun: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self, ctx: Context, __: Params) -> dict[str, int]:
        done = 0
        try:
            for what in ("clones", "configs"):
                step = ctx.steps(STEPS, what)
                for _ in range(STEPS) if not self.endless else iter(int, 1):
                    step()
                    done += 1
                    self.begun.set()
                    self.stopped.wait(0.02)
        except CancelledCallError:
            self.stopped.set()
            raise
        return {"done": done}

    def operation(self) -> Operation:
        return Operation(
            name="long_work",
            title="Long work",
            summary="Goes on.",
            effect=Effect.READ,
            params=NoParams,
            run=self.run,
            text=str,
            ok=bool,
        )


@contextmanager
def served(long: Long, over: str) -> Generator[Any]:
    """What a client connects to."""
    metrics = Metrics(Journal(Path(os.environ["OPS_HOME"]), SERVER))
    client = served_by.Client(lambda: context_of(os.environ, Path.cwd()), metrics.calls("test"))
    server = served_by.build([long.operation()], lambda _: client)
    if over == "memory":
        yield server
    else:
        with inside(server) as site:
            yield site.url


@pytest.mark.parametrize("over", ["memory", "http"])
@pytest.mark.parametrize("mode", ERAS)
def test_a_client_that_asks_gets_progress_that_only_grows(mode: str, over: str) -> None:
    heard: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    async def ask(target: Any) -> Any:
        async with Client(target, mode=mode, read_timeout_seconds=BOUND) as client:
            return await client.call_tool("long_work", {}, progress_callback=hear)

    with served(Long(endless=False), over) as target:
        result = anyio.run(ask, target)
    assert result.structured_content == {"done": 2 * STEPS}
    assert heard[0][2] == "clones"
    assert heard[-1][2] == "configs"
    assert heard[-1][1] == 2 * STEPS
    assert all(before[0] < after[0] for before, after in pairwise(heard))
    assert len(heard) < STEPS


@pytest.mark.parametrize("over", ["memory", "http"])
@pytest.mark.parametrize("mode", ERAS)
def test_a_call_that_is_cancelled_stops_and_the_next_one_is_served(mode: str, over: str) -> None:
    long = Long(endless=True)

    async def ask(target: Any) -> None:
        async with Client(target, mode=mode, read_timeout_seconds=BOUND) as client:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.call_tool, "long_work")
                await anyio.to_thread.run_sync(long.begun.wait, BOUND)
                tasks.cancel_scope.cancel()
            assert await anyio.to_thread.run_sync(long.stopped.wait, BOUND)
            assert [tool.name for tool in (await client.list_tools()).tools] == ["long_work"]

    with served(long, over) as target:
        anyio.run(ask, target)
    log = [json.loads(line) for line in (Path(os.environ["OPS_HOME"]) / "logs" / SERVER).read_text().splitlines()]
    assert [entry["outcome"] for entry in log if entry["event"] == "call"] == ["cancelled"]


@pytest.mark.parametrize("mode", ERAS)
def test_a_client_that_times_out_cancels_its_call(mode: str) -> None:
    long = Long(endless=True)

    async def ask(target: Any) -> None:
        with anyio.move_on_after(BOUND) as scope:
            async with Client(target, mode=mode, read_timeout_seconds=1) as client:
                with pytest.raises((MCPError, TimeoutError)):
                    await client.call_tool("long_work", {})
        assert not scope.cancelled_caught

    with served(long, "memory") as target:
        anyio.run(ask, target)
    assert long.stopped.wait(BOUND)


def stopping(after: int, heard: list[str]) -> Callable[[int, int, str], None]:
    def watch(done: int, total: int, what: str) -> None:
        heard.append(what)
        if len(heard) > after:
            raise CancelledCallError

    return watch


def test_plan_and_audit_report_progress_and_stop_between_two_agents(fleet: DemoFleet) -> None:
    context = context_of(dict(os.environ), fleet.agent("ops-1"))
    for operation, params, what in ((CONFIG_PLAN, PlanParams(), "configs"), (FLEET_AUDIT, AuditParams(), "clones")):
        heard: list[str] = []
        operation.run(replace(context, watch=stopping(10_000, heard)), params)
        assert heard.count(what) >= 6
        stopped: list[str] = []
        with pytest.raises(CancelledCallError):
            operation.run(replace(context, watch=stopping(2, stopped)), params)
        assert what in stopped


def test_parts_of_the_work_that_overlap_are_added_up_and_never_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcp_server.server.progress._INTERVAL", 0.0)
    reports: list[tuple[float, float]] = []

    async def report(done: float, total: float, _: str) -> None:
        reports.append((done, total))

    async def overlap() -> None:
        async with reporting(report) as progress:
            for done in range(5):
                for what in ("clones", "configs"):
                    progress(done, 4, what)
                    for _ in range(4):
                        await anyio.lowlevel.checkpoint()

    anyio.run(overlap)
    assert [done for done, _ in reports] == sorted({done for done, _ in reports})
    assert {total for _, total in reports} == {4, 8}
    assert reports[-1] == (8, 8)


def test_a_sync_that_is_cancelled_has_written_whole_configs_and_the_trail_says_so(fleet: DemoFleet) -> None:
    names = ["opus-1", "opus-2", "test-1"]
    context = context_of(dict(os.environ), fleet.agent("ops-1"))
    paths = [fleet.agent(name) / ".claude.json" for name in names]
    before = [path.read_bytes() for path in paths]
    for path in paths:
        path.write_text("{}")
    plan = CONFIG_PLAN.run(context, PlanParams(agents=names)).plan
    heard: list[str] = []

    def watch(done: int, total: int, what: str) -> None:
        if what == "configs written":
            heard.append(what)
            if len(heard) > 1:
                raise CancelledCallError

    with pytest.raises(CancelledCallError):
        run(CONFIG_SYNC, replace(context, watch=watch), SyncParams(plan=plan, agents=names, jobs=1), "test")
    now = [path.read_bytes() for path in paths]
    assert sum(data != b"{}" for data in now) == 1
    assert all(isinstance(json.loads(data), dict) for data in now)
    assert before != now
    trail = (Path(os.environ["OPS_HOME"]) / "logs" / AUDIT).read_text().splitlines()
    assert json.loads(trail[-1])["outcome"] == "cancelled"
    assert CONFIG_PLAN.run(context, PlanParams(agents=names)).plan != plan


LINE = """
from mcp_server.cli import progress
progress._DELAY = progress._INTERVAL = 0.0
with progress.progress_line() as line:
    for done in range(5):
        line(done, 5, "configs")
"""


def test_a_terminal_shows_a_progress_line_on_standard_error_and_a_pipe_shows_nothing(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        done = subprocess.run(
            [sys.executable, "-c", LINE],
            stdout=subprocess.PIPE,
            stderr=theirs,
            timeout=BOUND,
            check=True,
            env={**os.environ, "TERM": "xterm"},
        )
        os.close(theirs)
        seen = screen.read(100_000)
    assert b"configs: 20% (1/5)" in seen
    assert done.stdout == b""
    quiet = subprocess.run([*CLI, "config", "plan"], cwd=tmp_path, capture_output=True, timeout=BOUND, check=False)
    assert b"configs" not in quiet.stderr
