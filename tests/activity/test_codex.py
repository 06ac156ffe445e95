"""What Codex does is read from the records of its sessions; tests/e2e has a real one write them."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mcp_server.activity.look_codex import codex_does
from mcp_server.demo.fleet import DemoFleet
from mcp_server.system.processes import Process
from tests.fixtures.logins import context

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def record(home: Path, folder: Path, *kinds: str, written: datetime = NOW) -> Path:
    path = home / ".codex" / "sessions" / "2026" / "12" / "01" / f"rollout-{len(kinds)}-{written.timestamp()}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    events = [{"type": "session_meta", "payload": {"type": "meta", "cwd": str(folder)}}]
    events += [{"type": "event_msg", "payload": {"type": kind}} for kind in kinds]
    lines = [json.dumps({"timestamp": f"2026-12-01T12:00:{n:02}.5Z", **event}) for n, event in enumerate(events)]
    path.write_text("\n".join(lines) + "\n")
    os.utime(path, (written.timestamp(), written.timestamp()))
    return path


def does(fleet: DemoFleet, began: datetime = NOW) -> str | None:
    folder = fleet.agent("codex-1")
    found = codex_does(context(fleet), Process(7, "codex", "1", folder, (), {}, began=began), folder)
    return found.state if found else None


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        (("task_started",), "busy"),
        (("task_started", "token_count", "task_complete", "token_count"), "idle"),
        (("task_started", "turn_aborted"), "idle"),
        (("task_started", "task_complete", "task_started", "exec_approval_request"), "busy"),
        ((), None),
    ],
)
def test_the_last_turn_says_what_it_does(fleet: DemoFleet, kinds: tuple[str, ...], state: str | None) -> None:
    record(fleet.home, fleet.agent("codex-1"), *kinds)
    assert does(fleet) == state


def test_a_record_of_another_folder_or_of_an_earlier_session_does_not_count(fleet: DemoFleet) -> None:
    record(fleet.home, fleet.agent("opus-1"), "task_started")
    assert does(fleet) is None
    record(fleet.home, fleet.agent("codex-1"), "task_started", "task_complete", written=NOW - timedelta(minutes=1))
    assert does(fleet) is None
    assert does(fleet, NOW - timedelta(hours=1)) == "idle"


def test_the_newest_record_counts_and_a_line_that_is_half_written_does_not(fleet: DemoFleet) -> None:
    record(fleet.home, fleet.agent("codex-1"), "task_started", written=NOW + timedelta(minutes=1))
    newest = record(fleet.home, fleet.agent("codex-1"), "task_started", "task_complete", written=NOW)
    newest.write_text(newest.read_text() + '{"timestamp": "2026-12-')
    assert does(fleet) == "idle"
