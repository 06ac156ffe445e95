"""A run of the demo, end to end: a real server over stdio, and a verdict from the disk alone."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcp_server.demo.faults import FAULTS
from mcp_server.demo.on_disk import DiskState
from mcp_server.demo.run import Record, run
from mcp_server.demo.verify import Verdict, verify
from mcp_server.kernel.document import Json
from tests.isolation import allow_only


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Generator[Record]:
    """One run for all tests here, which only look at it."""
    with allow_only(tmp_path_factory.getbasetemp()):
        yield run(tmp_path_factory.mktemp("run") / "fleet", lambda _, __: None)


def test_every_fault_is_found_and_every_effect_is_on_disk(record: Record) -> None:
    result = verify(record)
    assert [(row.fault, row.wrong) for row in result.rows if row.wrong] == []
    assert result.good
    assert all(row.found and row.runbook for row in result.rows)
    assert {row.fault for row in result.rows if row.outcome == "fixed"} == {f.name for f in FAULTS if f.curable}
    steps = {row.fault: row.next or "" for row in result.rows if row.outcome == "needs you"}
    assert all(steps.values())
    assert steps["login_ending"].startswith("A human logs in before")


def test_the_effects_are_on_disk_when_read_without_ops(record: Record) -> None:
    fleet = record.fleet
    master: dict[str, Any] = json.loads(fleet.master.read_text())
    for agent in ("opus-2", "codex-3", "gemini-2"):
        config = json.loads((fleet.agent(agent) / ".claude.json").read_text())
        assert {key: config[key] for key in master} == master
        assert config["projects"][str(fleet.agent(agent))]["hasTrustDialogAccepted"]
        assert config["oauthAccount"]["emailAddress"]
    assert "ANTHROPIC" not in (fleet.agent("pm-2") / ".env").read_text()
    incidents = sorted(path.name for path in verify(record).incidents)
    index = (fleet.agent("ops-1") / "docs/support/incidents/INDEX.md").read_text()
    assert len(incidents) == 2
    assert all(f"({name})" in index for name in incidents)


def test_a_claim_that_the_disk_denies_fails_the_run(record: Record) -> None:
    still_there = DiskState(False, "differs", record.after["server_missed"].kept)
    assert _wrong(record, "server_missed", still_there)[0] == "reported as fixed, but not on disk"


def test_an_unreported_fix_fails_the_run(record: Record) -> None:
    gone = DiskState(True, "0 commits on main", record.after["commits_on_main"].kept)
    assert _wrong(record, "commits_on_main", gone)[0] == "gone from disk, but not reported"


def test_a_change_besides_the_fault_fails_the_run(record: Record) -> None:
    changed = replace(record.after["local_change"], kept="something else")
    assert _wrong(record, "local_change", changed) == ("something besides the fault was changed",)


def test_a_fault_that_the_audit_does_not_name_fails_the_run(record: Record) -> None:
    nothing: Mapping[str, Json] = {"agents": [], "findings": []}
    rows = verify(replace(record, answers={**record.answers, "audit": nothing})).rows
    assert all(any(why.startswith("not found") for why in row.wrong) for row in rows)


def test_an_incident_that_was_not_written_fails_the_run(record: Record, tmp_path: Path) -> None:
    answers = {
        **record.answers,
        "incident login": {**record.answers["incident login"], "path": str(tmp_path / "no.md")},
    }
    result = verify(replace(record, answers=answers))
    assert not result.good
    assert result.wrong == (f"reported as opened, but missing: {tmp_path / 'no.md'}",)


def test_the_program_answers_with_one_document_and_leaves_nothing_behind(home: Path, tmp_path: Path) -> None:
    before = sorted(home.rglob("*"))
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    done = _demo("--json", TMPDIR=str(temporary))
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["good"] is True
    assert len(document["rows"]) == len(FAULTS)
    assert "stand-in" in done.stderr
    assert "sk-ant-" not in done.stdout + done.stderr
    assert sorted(home.rglob("*")) == before
    assert list(temporary.iterdir()) == []


def test_a_folder_that_is_not_empty_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    done = _demo("--folder", str(tmp_path))
    assert done.returncode == 2
    assert f"{tmp_path} is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def _demo(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-m", "mcp_server.demo", *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _wrong(record: Record, fault: str, seen: DiskState) -> tuple[str, ...]:
    result: Verdict = verify(replace(record, after={**record.after, fault: seen}))
    assert not result.good
    return next(row.wrong for row in result.rows if row.fault == fault)
