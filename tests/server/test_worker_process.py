"""A look at a large fleet has a process of its own, and nobody can tell: the answer, its progress, its refusals."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcp_server.audit.fleet_audit import FLEET_AUDIT
from mcp_server.configs.plan import CONFIG_PLAN
from mcp_server.configs.sync import CONFIG_SYNC
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.cancellation import cancellable
from mcp_server.kernel.document import as_json
from mcp_server.kernel.errors import CancelledCallError, OpsError
from mcp_server.knowledge.index_check import INDEX_CHECK
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Operation
from mcp_server.server import tool_call, worker_process
from mcp_server.server.arguments import parameters
from mcp_server.server.tool_call import Client, answer
from mcp_server.server.wiring import context_of
from tests.server.pump.servers import await_end

CANARY = "canary-7f3a9b"


@pytest.fixture
def context(fleet: DemoFleet, monkeypatch: pytest.MonkeyPatch) -> Context:
    """A call in a fleet that counts as a large one."""
    monkeypatch.setattr(worker_process, "LARGE", 2)
    return context_of(dict(os.environ), fleet.agent("ops-1"))


def children() -> set[int]:
    """Our processes that do such a look now."""
    found = set[int]()
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((each / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"mcp_server.server.worker_process" in (each / "cmdline").read_bytes():
                found.add(int(each.name))
    return found


def looked(context: Context, operation: Operation, **arguments: Any) -> tuple[str, dict[str, Any]]:
    return worker_process.run_in_worker(operation, parameters(operation, arguments), context)


def test_the_answer_is_the_same_and_the_progress_too(context: Context) -> None:
    steps: list[tuple[int, int, str]] = []

    def watch(done: int, total: int, what: str) -> None:
        steps.append((done, total, what))

    watching = replace(context, watch=watch)
    text, document = looked(watching, CONFIG_PLAN, agents=["opus-1"])
    inside = CONFIG_PLAN.run(context, parameters(CONFIG_PLAN, {"agents": ["opus-1"]}))
    assert document == as_json(inside)
    assert text == CONFIG_PLAN.text(inside)
    assert steps[0][2] == "configs"


def test_a_read_of_a_large_fleet_runs_in_a_worker(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def stand_in(*_: object) -> tuple[str, dict[str, bool]]:
        return "in worker", {"worker": True}

    monkeypatch.setattr(tool_call, "run_in_worker", stand_in)
    client = Client(lambda: context, lambda _: pytest.fail("it is counted elsewhere"))

    def structured(operation: Operation, **arguments: Any) -> object:
        return answer(operation, arguments, client, context.watch).structured_content

    assert structured(FLEET_AUDIT) == {"worker": True}
    assert structured(INDEX_CHECK, problem="login expired") != {"worker": True}
    assert not worker_process.needs_worker(CONFIG_SYNC, context), "what writes is never ended by a signal"
    monkeypatch.setattr(worker_process, "LARGE", 1000)
    assert structured(CONFIG_PLAN) != {"worker": True}


def test_a_refusal_in_a_worker_is_the_same_error(context: Context) -> None:
    with pytest.raises(OpsError) as raised:
        looked(context, CONFIG_PLAN, agents=["nobody"])
    assert raised.value.kind == "not_found"
    assert raised.value.next.startswith("Name one of: ")


def at_the_first_step(context: Context, do: Callable[[int], None]) -> Context:
    done: list[int] = []

    def watch(_done: int, _total: int, _what: str) -> None:
        if not done:
            [pid] = children()
            done.append(pid)
            do(pid)

    return replace(context, watch=watch)


def test_a_cancelled_worker_is_killed(context: Context) -> None:
    seen: list[int] = []
    with pytest.raises(CancelledCallError):
        cancellable(lambda: bool(seen), lambda: looked(at_the_first_step(context, seen.append), FLEET_AUDIT))
    await_end(seen[0])


def test_a_killed_worker_is_an_error_with_a_next_step(context: Context) -> None:
    with pytest.raises(OpsError) as raised:
        looked(at_the_first_step(context, lambda pid: os.kill(pid, signal.SIGKILL)), FLEET_AUDIT)
    assert raised.value.kind == "unavailable"
    assert "was killed" in raised.value.message
    assert not children()


def test_a_worker_has_no_variable_of_the_server(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", CANARY)
    seen: list[bytes] = []

    def look(pid: int) -> None:
        seen.append(Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes())

    looked(at_the_first_step(context, look), FLEET_AUDIT)
    assert b"PATH=" in seen[0]
    assert CANARY.encode() not in seen[0]
