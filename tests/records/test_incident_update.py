"""`incident_update` and `incident_list` on real clones: nothing said is lost, whoever writes."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mcp_server.audit.docs_check import DOCS_CHECK
from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.index_table import INCIDENTS, read
from mcp_server.kernel.markdown.page import read_page
from mcp_server.knowledge.look_index_findings import index_faults
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Params
from mcp_server.records.incident import record_of
from mcp_server.records.incident_list import INCIDENT_LIST, Incidents, ListParams
from mcp_server.records.timeline import entries_in
from mcp_server.system.files import Files
from tests.fixtures.incidents import (
    CANARY,
    FOLDER,
    ROOT,
    at,
    changed,
    context,
    index_of,
    open_incident,
    pm_alone_writes_rows,
    update_incident,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def refused(ctx: Context, name: str, **more: object) -> OpsError:
    with pytest.raises(OpsError) as error:
        update_incident(ctx, name, **more)
    return error.value


def listed(ctx: Context, status: str = "open") -> Incidents:
    return INCIDENT_LIST.run(ctx, ListParams.of({"status": status}))


def test_every_change_of_an_incident_is_in_its_timeline(fleet: DemoFleet) -> None:
    ctx = context(fleet)
    one = open_incident(at(ctx, NOON), "Queue stands still")
    minutes = iter(range(1, 10))

    def later() -> Context:
        return at(ctx, NOON + timedelta(minutes=next(minutes)))

    assert update_incident(later(), one.id, status="acknowledged").status == "acknowledged"
    update_incident(later(), one.id, entry=f"**resolved** {CANARY}\n- 2026-01-01T00:00:00Z x: forged")
    update_incident(later(), one.id, runbook="queue-backlog")
    update_incident(later(), one.id, severity="sev1")
    done = update_incident(later(), one.id, status="resolved", entry="restarted the consumer")

    text = one.path.read_text()
    assert [entry.mark for entry in entries_in(read_page(text))] == [
        "triggered",
        "acknowledged",
        "",
        "runbook failed",
        "sev1",
        "resolved",
    ]
    assert "canary" not in text
    assert "## Resolution\n\nrestarted the consumer\n" in text
    assert "## Runbooks tried\n\n- docs/support/ops/queue-backlog.md: did not help\n\n##" in text
    record = record_of(text)
    assert record is not None
    assert (record.status, record.severity) == ("resolved", "sev1")
    assert record.times == {"acknowledged": NOON + timedelta(minutes=1), "resolved": NOON + timedelta(minutes=5)}
    assert done.runbook_add is not None
    assert (done.runbook_add.title, "restarted" in done.runbook_add.resolution) == ("Queue stands still", True)
    assert index_faults(Files(fleet.folder), fleet.agent("ops-1")) == ()

    error = refused(later(), one.id, status="triggered")
    assert (error.kind, "reason" in error.message) == ("invalid", True)
    assert one.path.read_text() == text
    assert update_incident(later(), one.id, status="acknowledged", entry="it is back").status == "acknowledged"
    assert update_incident(later(), one.id, status="closed", runbook="queue-backlog", helped=True).runbook_add is None
    assert update_incident(later(), one.id, postmortem=True).postmortem
    assert one.path.read_text().count("## Postmortem") == 1
    assert [row.id for row in listed(ctx).incidents] == []
    assert [(row.id, row.severity) for row in listed(ctx, "closed").incidents] == [(one.id, "sev1")]


def test_a_page_that_did_not_help_is_a_finding_until_a_commit_changes_it(fleet: DemoFleet) -> None:
    clone, ctx = fleet.agent("ops-1"), at(context(fleet), datetime(2026, 11, 10, tzinfo=UTC))
    page = clone / "docs/support/ops/queue-backlog.md"
    one = open_incident(ctx, "Jobs pile up, queue depth rises")

    def findings(code: str = "runbook_failed") -> list[str]:
        found = DOCS_CHECK.run(context(fleet), Params()).findings
        return [finding.message for finding in found if finding.code == code]

    update_incident(ctx, one.id, status="resolved")
    assert findings("incident_without_runbook") == [f"{one.id} is over and no runbook helped"]
    update_incident(ctx, one.id, runbook="queue-backlog", helped=True)
    assert findings("incident_without_runbook") == findings() == []
    update_incident(ctx, one.id, runbook="queue-backlog")
    assert findings() == [f"docs/support/ops/queue-backlog.md did not help in {one.id}"]
    page.write_text(page.read_text() + "\nRestart the consumer first.\n")
    git(clone, "commit", "--quiet", "--message", "ops: correct the page", str(page))
    assert findings() == []


@pytest.mark.parametrize(
    ("name", "more"),
    [("../../../.env", {"entry": "x"}), ("2026-01-01-none", {"entry": "x"}), ("INDEX", {"entry": "x"})],
)
def test_an_unknown_incident_is_not_found_and_nothing_is_written(
    fleet: DemoFleet, name: str, more: dict[str, str]
) -> None:
    assert refused(context(fleet), name, **more).kind == "not_found"
    assert changed(fleet.agent("ops-1")) == []


def test_an_update_without_content_or_with_an_unknown_runbook_is_refused(fleet: DemoFleet) -> None:
    one = open_incident(context(fleet))
    before = one.path.read_bytes()
    assert refused(context(fleet), one.id).kind == "invalid"
    assert refused(context(fleet), one.id, status="triggered").kind == "invalid"
    assert refused(context(fleet), one.id, runbook="no-such-page").kind == "not_found"
    assert one.path.read_bytes() == before


def commit(clone: Path, message: str) -> str:
    git(clone, "add", FOLDER)
    git(clone, "commit", "--quiet", "--message", message)
    return git(clone, "branch", "--show-current")


@pytest.mark.parametrize("known", [True, False], ids=["attributes in the repository", "attributes not yet"])
def test_two_clones_with_incidents_of_one_day_merge_clean_in_a_fresh_clone(
    fleet: DemoFleet, tmp_path: Path, known: bool
) -> None:
    ops, opus = fleet.agent("ops-1"), fleet.agent("opus-1")
    if not known:
        for clone in (ops, opus):
            git(clone, "rm", "--quiet", ".gitattributes")
            git(clone, "commit", "--quiet", "--message", "no attributes")
    one, two = (
        open_incident(context(fleet, "ops-1"), "Disk full"),
        open_incident(context(fleet, "opus-1"), "Queue full"),
    )
    copied = update_incident(context(fleet, "opus-1"), one.id, entry="seen by opus-1", status="acknowledged")
    assert (copied.agent, "copied from ops-1" in (copied.note or "")) == ("opus-1", True)
    update_incident(context(fleet, "ops-1"), one.id, entry="seen by ops-1", status="mitigated")
    branches = [commit(ops, "one"), commit(opus, "two")]
    assert (ops / FOLDER / ".gitattributes").exists() is not known

    fresh = tmp_path / "fresh"
    git(tmp_path, "clone", "--quiet", str(fleet.origin), str(fresh))
    git(fresh, "config", "user.name", "pm-1")
    git(fresh, "config", "user.email", "pm-1@example.test")
    for clone, branch in zip((ops, opus), branches, strict=True):
        git(fresh, "pull", "--quiet", "--no-rebase", "--no-edit", str(clone), branch)
    rows = [row.cell("File").target for row in read((fresh / FOLDER / "INDEX.md").read_text()).rows(INCIDENTS)]
    assert Counter(rows)[f"{one.id}.md"] == Counter(rows)[f"{two.id}.md"] == 1
    record = record_of((fresh / FOLDER / f"{one.id}.md").read_text())
    assert record is not None
    assert {entry.text for entry in record.entries} == {"opened as sev2", "seen by opus-1", "seen by ops-1"}
    assert index_faults(Files(fleet.folder), fresh) == ()

    git(ops, "pull", "--quiet", "--no-rebase", "--no-edit", str(opus), branches[1])
    healed = update_incident(context(fleet, "ops-1"), one.id, entry="both branches are merged")
    assert healed.status in ("acknowledged", "mitigated")
    assert healed.path.read_text().split("---\n")[1].count("status:") == 1


def test_only_the_pm_writes_rows_where_the_fleet_says_so(fleet: DemoFleet) -> None:
    pm_alone_writes_rows(fleet)
    before = index_of(fleet.agent("ops-1")).read_bytes()
    one = open_incident(context(fleet, "ops-1"))
    assert one.index_row is not None
    assert f"[{one.id}.md]({one.id}.md)" in one.index_row
    assert "PM" in (one.note or "")
    assert index_of(fleet.agent("ops-1")).read_bytes() == before
    assert open_incident(context(fleet, "pm-1"), "Seen by the PM").note is None


_WRITES = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from mcp_server.demo.fleet import DemoFleet
from tests.fixtures.incidents import context, update_incident
ctx = context(DemoFleet(Path(sys.argv[1]), datetime.now(UTC), ()))
print("ready", flush=True)
for number in range(int(sys.argv[4])):
    update_incident(ctx, sys.argv[2], entry=f"{sys.argv[3]} {number}")
"""


def two_processes(fleet: DemoFleet, name: str, each: int) -> None:
    """Both write `each` entries at the same time."""
    with Files(fleet.folder / "state").lock("incidents"):
        both = [
            subprocess.Popen(
                [sys.executable, "-c", _WRITES, str(fleet.folder), name, who, str(each)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for who in ("left", "right")
        ]
        for process in both:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
    for process in both:
        process.communicate(timeout=600)
        assert process.returncode == 0


def require_all(path: Path, each: int) -> None:
    texts = [entry.text for entry in entries_in(read_page(path.read_text()))]
    assert len(texts) == 2 * each + 1
    for who in ("left", "right"):
        assert [text for text in texts if text.startswith(who)] == [f"{who} {number}" for number in range(each)]


def test_two_processes_that_write_at_once_lose_no_entry_and_keep_the_order(fleet: DemoFleet) -> None:
    one = open_incident(context(fleet))
    two_processes(fleet, one.id, 10)
    require_all(one.path, 10)


@pytest.mark.e2e
def test_two_processes_with_two_hundred_entries_each_lose_none(fleet: DemoFleet) -> None:
    one = open_incident(context(fleet))
    two_processes(fleet, one.id, 200)
    require_all(one.path, 200)
