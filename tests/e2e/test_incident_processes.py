"""Incidents by processes of their own: killed (SIGKILL) at system calls, and under clocks that jump (libfaketime)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.knowledge.look_index_findings import index_faults
from mcp_server.records.incident import record_of
from mcp_server.system.files import Files
from tests.fixtures.incidents import FOLDER
from tests.fixtures.lengths import KILLS_OF_RECORDS
from tests.fixtures.strace import about, drawn, dying_at, traced

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]
OPEN = ("open", "--title", "Disk full", "--severity", "sev2", "--summary", "No space left", "--agents", "opus-1")


def incident(
    fleet: DemoFleet, *words: str, below: tuple[str, ...] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    """One command as ops-1; a webhook that nobody answers has a notice spooled for each."""
    own = {"PATH": os.environ["PATH"], "HOME": str(fleet.home), "OPS_HOME": str(fleet.folder / "ops")}
    own |= {"OPS_FLEET": str(fleet.root), "PYTHONPATH": str(ROOT), "OPS_WEBHOOK": "http://127.0.0.1:9/nobody"}
    command = [*below, sys.executable, "-m", "mcp_server.cli", "--json", "--agent", "ops-1", "incident", *words]
    return subprocess.run(
        command, env={**own, **environment}, cwd=fleet.root, capture_output=True, text=True, timeout=300, check=False
    )


def reported(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def pages(fleet: DemoFleet) -> list[Path]:
    return sorted((fleet.agent("ops-1") / FOLDER).glob("*-disk-full*.md"))


def begin_anew(fleet: DemoFleet, index: bytes) -> None:
    folder = fleet.agent("ops-1") / FOLDER
    for left in (*folder.glob("*-disk-full*"), *folder.glob("INDEX.md.*"), *spool(fleet)):
        left.unlink()
    (folder / "INDEX.md").write_bytes(index)


def spool(fleet: DemoFleet) -> list[Path]:
    return sorted((fleet.folder / "ops" / "notices").glob("*.json"))


@pytest.mark.parametrize("verb", ["open", "update"])
def test_killed_at_any_system_call_no_file_is_half_no_row_lacks_its_file_and_the_next_call_works(
    fleet: DemoFleet, tmp_path: Path, verb: str
) -> None:
    clone, index = fleet.agent("ops-1"), (fleet.agent("ops-1") / FOLDER / "INDEX.md").read_bytes()

    def command(*below: str) -> subprocess.CompletedProcess[str]:
        if verb == "open":
            return incident(fleet, *OPEN, below=below)
        words = ("--entry", "it was grown", "--status", "resolved")
        return incident(fleet, "update", pages(fleet)[0].stem, *words, below=below)

    def prepare() -> None:
        begin_anew(fleet, index)
        if verb == "update":
            reported(incident(fleet, *OPEN))

    prepare()
    calls = traced(lambda below: reported(command(*below)), tmp_path)
    points, died = drawn(calls, "incidents", KILLS_OF_RECORDS), 0
    for point in points:
        prepare()
        before, where = [page.read_text() for page in pages(fleet)], about(calls, point)
        died += command(*dying_at(calls, point)).returncode == -SIGKILL
        assert all(record_of(page.read_text()) for page in pages(fleet)), where
        assert all(text.rstrip().splitlines()[-1] in pages(fleet)[0].read_text() for text in before), where
        assert {finding.code for finding in index_faults(Files(fleet.folder), clone)} <= {"index_row_missing"}, where
        assert all(json.loads(each.read_text())["notice"] for each in spool(fleet)), where
        reported(command())
        assert index_faults(Files(fleet.folder), clone) == (), where
        assert len(pages(fleet)) == 1, where
        assert verb == "open" or "it was grown" in pages(fleet)[0].read_text(), where
    assert died > len(points) // 2, about(calls, 0)


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/St_Johns"])
def test_a_clock_that_jumps_makes_no_duration_negative(fleet: DemoFleet, zone: str) -> None:
    def clock(text: str) -> tuple[str, ...]:
        return ("faketime", "-f", f"@{text}")

    one = str(reported(incident(fleet, *OPEN, below=clock("2026-03-29 01:30:00"), TZ=zone))["id"])
    for status, moment in (
        ("acknowledged", "2026-03-28 23:00:00"),
        ("mitigated", "2026-03-29 03:30:00"),
        ("resolved", "2024-01-01 00:00:00"),
    ):
        reported(incident(fleet, "update", one, "--status", status, below=clock(moment), TZ=zone))
    report = reported(incident(fleet, "report", below=clock("2020-01-01 00:00:00"), TZ=zone))
    listed = reported(incident(fleet, "list", "--status", "all", below=clock("2020-01-01 00:00:00"), TZ=zone))
    assert one in json.dumps(listed)
    numbers = [value for value in numbers_in([report, listed]) if not isinstance(value, bool)]
    assert numbers
    assert min(numbers) >= 0
    record = record_of(pages(fleet)[0].read_text())
    assert record
    assert [entry.mark for entry in record.entries] == ["triggered", "acknowledged", "mitigated", "resolved"]


def numbers_in(document: Any) -> list[float]:
    if isinstance(document, dict):
        return [number for value in document.values() for number in numbers_in(value)]  # pyright: ignore
    if isinstance(document, list):
        return [number for value in document for number in numbers_in(value)]  # pyright: ignore
    return [document] if isinstance(document, int | float) else []
