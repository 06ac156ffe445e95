"""The server's log and the audit trail: every write is on record, nothing secret is, nobody else can read them."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from mcp_server.activity import write_journal
from mcp_server.activity.look_journal import entries
from mcp_server.activity.write_journal import AUDIT, SERVER, Journal
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.records.incident_open import INCIDENT_OPEN
from mcp_server.server.arguments import parameters
from mcp_server.server.audited import run
from mcp_server.server.wiring import context_of

ROOT = Path(__file__).resolve().parents[2]
CANARY = "sk-ant-" + "oat01-" + "canary-made-up-canary"
BOUND = 120


@pytest.fixture
def state(home: Path) -> Path:
    return home / "state"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def world(fleet: DemoFleet, state: Path) -> Context:
    names = {"PATH": os.environ["PATH"], "OPS_HOME": str(state), "AGENT_NAME": "ops-1", "HOME": str(state)}
    return context_of(names, fleet.agent("ops-1"))


def opened(ctx: Context, **given: object) -> Any:
    arguments = {"title": "Logins ended", "severity": "sev2", "summary": f"saw {CANARY}", **given}
    return run(INCIDENT_OPEN, ctx, parameters(INCIDENT_OPEN, arguments), "mcp")


def test_a_write_is_in_the_audit_log_with_caller_arguments_and_outcome(fleet: DemoFleet, state: Path) -> None:
    opened(world(fleet, state), log=f"Authorization: Bearer {CANARY}\n" * 3)
    trail = state / "logs" / AUDIT
    begun, ended = lines(trail)
    assert begun["event"] == "begun"
    assert (begun["operation"], begun["agent"], begun["surface"]) == ("incident_open", "ops-1", "mcp")
    assert begun["cwd"] == str(fleet.agent("ops-1"))
    assert begun["arguments"]["title"] == "Logins ended"
    assert (ended["event"], ended["id"], ended["outcome"]) == ("ended", begun["id"], "done")
    assert "canary" not in trail.read_text()
    assert "Bearer" not in trail.read_text()
    assert trail.stat().st_mode & 0o777 == 0o600


def test_a_write_that_was_refused_is_on_record_too(fleet: DemoFleet, state: Path) -> None:
    with pytest.raises(OpsError):
        opened(world(fleet, state), agents=["nobody-9"])
    assert [entry.get("outcome") for entry in lines(state / "logs" / AUDIT)] == [None, "not_found"]


def test_a_write_that_cannot_be_recorded_is_not_begun(fleet: DemoFleet, state: Path) -> None:
    (state / "logs").mkdir(parents=True)
    (state / "logs" / AUDIT).symlink_to("/dev/full")
    folder = fleet.agent("ops-1") / "docs" / "support" / "incidents"
    before = sorted(folder.iterdir())
    with pytest.raises(OpsError, match=r"audit trail .* cannot be written"):
        opened(world(fleet, state))
    assert sorted(folder.iterdir()) == before


def test_the_command_line_writes_the_same_log(fleet: DemoFleet, state: Path) -> None:
    command = [
        sys.executable,
        "-I",
        "-m",
        "mcp_server.cli",
        "--fleet",
        str(fleet.root),
        "config",
        "sync",
        "--plan",
        "stale",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=BOUND, check=False)
    assert done.returncode == 1
    begun, ended = lines(state / "logs" / AUDIT)
    assert (begun["operation"], begun["surface"], begun["arguments"]["plan"]) == ("config_sync", "shell", "stale")
    assert ended["outcome"] == "conflict"


def test_many_writers_at_once_leave_whole_lines_and_bounded_files(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_journal, "_LARGEST", 5_000)
    log = Journal(state, SERVER)

    def write() -> None:
        for number in range(100):
            log.write("call", number=number, text="x" * 100)

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(BOUND)
    files = sorted((state / "logs").iterdir())
    assert [file.name for file in files] == [SERVER, *(f"{SERVER}.{n}" for n in (1, 2, 3))][: len(files)]
    for file in files:
        assert all(entry["text"] == "x" * 100 for entry in lines(file))
        assert file.stat().st_size < 10_000


def test_the_newest_of_both_files_come_in_the_order_of_time(state: Path) -> None:
    for number in range(5):
        Journal(state, SERVER if number % 2 else AUDIT).write("e", number=number)
    with (state / "logs" / SERVER).open("a") as file:
        file.write("half a li")
    assert [entry["number"] for entry in entries(state, 3)] == [2, 3, 4]
