"""`incident_open` in processes that are killed or write at once: no half file, no row without its file."""

import signal
import subprocess
import sys

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.index_table import INCIDENTS, read
from mcp_server.knowledge.look_index_findings import index_faults
from mcp_server.system.files import Files
from tests.fixtures.incidents import ROOT, changed, context, index_of, open_incident

_DIES_BEFORE_THE_ROW = """
import os, signal, sys
from mcp_server.system.files import Files
write = Files.replace
def replace(self, path, *rest, **more):
    if path.name == "INDEX.md":
        os.kill(os.getpid(), signal.SIGKILL)
    write(self, path, *rest, **more)
Files.replace = replace
"""
_OPENS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from mcp_server.demo.fleet import DemoFleet
from tests.fixtures.incidents import context, open_incident
print("ready", flush=True)
print(open_incident(context(DemoFleet(Path(sys.argv[1]), datetime.now(UTC), ())), sys.argv[2]).id)
"""


def start(program: str, fleet: DemoFleet, title: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, str(fleet.folder), title]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_row_that_a_killed_process_did_not_write_is_found_and_written_by_the_next_call(fleet: DemoFleet) -> None:
    dead = start(_DIES_BEFORE_THE_ROW + _OPENS, fleet, "Disk full")
    dead.communicate(timeout=60)
    assert dead.returncode == -signal.SIGKILL
    (left,) = changed(fleet.agent("ops-1"))
    assert left.endswith("-disk-full.md")
    assert [finding.code for finding in index_faults(Files(fleet.folder), fleet.agent("ops-1"))] == [
        "index_row_missing"
    ]
    assert open_incident(context(fleet)).duplicate
    assert index_faults(Files(fleet.folder), fleet.agent("ops-1")) == ()


def test_killed_at_any_step_there_is_no_half_file_no_row_without_its_file_and_the_next_call_repairs(
    fleet: DemoFleet,
) -> None:
    """Opening and then updating; the child is killed at each step that writes, until one comes to its end."""
    command = [sys.executable, "-m", "tests.records.incident_kills", str(fleet.folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5


def test_two_processes_at_once_lose_neither_a_file_nor_a_row(fleet: DemoFleet) -> None:
    with Files(fleet.folder / "state").lock("incidents"):
        both = [start(_OPENS, fleet, title) for title in ("Disk full", "Disk full", "Queue full")]
        for process in both:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
    ids = {process.communicate(timeout=60)[0].strip() for process in both}
    assert len(ids) == 2
    rows = read(index_of(fleet.agent("ops-1")).read_text()).rows(INCIDENTS)
    assert {row.cell("File").target for row in rows[-2:]} == {f"{name}.md" for name in ids}
    assert len(changed(fleet.agent("ops-1"))) == 3
