"""`incident_open` on real clones: the file and its row, and what the file tells."""

import json
import re
from datetime import UTC, datetime

import pytest
import yaml

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.document import as_json
from mcp_server.kernel.index_table import INCIDENTS, read
from mcp_server.knowledge.look_index_findings import index_faults
from mcp_server.records.incident_open import INCIDENT_OPEN
from mcp_server.system.files import Files
from tests.fixtures.incidents import CANARY, FOLDER, at, changed, context, index_of, open_incident, refused


def test_the_file_and_its_row_are_all_that_changes_in_the_callers_clone(fleet: DemoFleet) -> None:
    clone = fleet.agent("ops-1")
    before = index_of(clone).read_bytes()
    answer = open_incident(
        context(fleet), "OAuth token expired", agents=["opus-1", "codex-1"], log="401\nBearer " + CANARY
    )
    assert answer.path == clone / FOLDER / f"{answer.id}.md"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-oauth-token-expired", answer.id)
    assert sorted(changed(clone)) == [f"?? {FOLDER}/{answer.id}.md", f"M {FOLDER}/INDEX.md"]
    assert index_of(clone).read_bytes() == before + f"{answer.index_row}\n".encode()
    row = read(index_of(clone).read_text()).rows(INCIDENTS)[-1]
    assert row.cell("File").target == answer.path.name
    assert (answer.status, answer.duplicate, answer.agent, answer.note) == ("triggered", False, "ops-1", None)
    assert index_faults(Files(fleet.folder), clone) == ()


def test_the_file_has_the_evidence_about_the_agents_and_the_index(fleet: DemoFleet) -> None:
    (fleet.agent("opus-1") / ".claude.json").unlink()
    crashes = fleet.folder / "state" / "logs"
    crashes.mkdir(parents=True)
    (crashes / "crash-20260301T000000-1-aa.log").touch()
    text = open_incident(context(fleet), "access token expired", agents=["opus-1"], log="one\ntwo").path.read_text()
    front = yaml.safe_load(text.split("---\n")[1])
    assert (front["severity"], front["status"], front["reporter"], front["agents"]) == (
        "sev2",
        "triggered",
        "ops-1",
        ["opus-1"],
    )
    assert front["runbooks"]
    assert front["resolved"] is None
    assert "- opus-1: clone on opus/job-priorities at " in text
    assert f"{fleet.store}/.credentials.json" in text
    assert "- opus-1: config_missing: " in text.replace("\\_", "_")
    assert "crash-20260301T000000-1-aa.log" in text
    assert "```text\none\ntwo\n```" in text


@pytest.mark.parametrize("began", ["2026-11-24T23:30", "2026-11-25T05:30+06:00", "2026-11-24 23:30:00Z"])
def test_its_start_and_commander_are_in_the_front_matter(fleet: DemoFleet, began: str) -> None:
    ctx = at(context(fleet), datetime(2026, 11, 25, 1, 0, tzinfo=UTC))
    text = open_incident(ctx, started=began, commander=f"Ada, on call {CANARY}").path.read_text()
    front = yaml.safe_load(text.split("---")[1])
    assert (front["started"], front["detected"]) == ("2026-11-24T23:30:00Z", "2026-11-25T01:00:00Z")
    assert front["commander"].startswith("Ada, on call")
    assert CANARY not in text


@pytest.mark.parametrize("began", ["yesterday", "2026-13-01", "2026-11-25T09:00", "2026-11-25T01:00-02:00"])
def test_a_start_that_is_not_a_time_or_in_the_future_is_refused(fleet: DemoFleet, began: str) -> None:
    ctx = at(context(fleet), datetime(2026, 11, 25, 1, 0, tzinfo=UTC))
    error = refused(ctx, started=began)
    assert error.kind == "invalid"
    assert "in UTC" in error.next
    assert changed(fleet.agent("ops-1")) == []


def test_no_credential_reaches_the_file_the_index_or_the_answer(fleet: DemoFleet) -> None:
    ctx = context(fleet)
    answer = open_incident(ctx, f"token {CANARY}", f"seen: {CANARY}", log=f"x={CANARY}")
    report = json.dumps(as_json(answer)) + INCIDENT_OPEN.text(answer)
    assert "canary" not in answer.path.read_text() + index_of(fleet.agent("ops-1")).read_text() + report


def test_without_a_name_the_clone_of_the_working_folder_decides_else_the_only_ops_agent(fleet: DemoFleet) -> None:
    assert open_incident(context(fleet, None, fleet.agent("opus-2") / "src"), "one").agent == "opus-2"
    assert open_incident(context(fleet, None), "two").agent == "ops-1"
    (fleet.root / "ops-2").mkdir()
    (fleet.root / "ops-2" / ".env").touch()
    error = refused(context(fleet, None), title="three")
    assert (error.kind, error.next) == ("invalid", "Give --agent NAME")
