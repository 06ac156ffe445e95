"""In a shell an answer is whole, in JSON and as text; the bound is for models."""

import json
from pathlib import Path

import pytest

from mcp_server.cli.main import main
from mcp_server.demo.fleet import DemoFleet

COUNT = 70


@pytest.fixture
def many(fleet: DemoFleet, monkeypatch: pytest.MonkeyPatch) -> DemoFleet:
    """A fleet with 70 more agents that have a config and a key in `.env`, and 70 links to nothing in its docs."""
    for number in range(COUNT):
        folder = fleet.root / f"qa-{number + 10}"
        folder.mkdir()
        (folder / ".env").write_text("ANTHROPIC_API_KEY=made-up\n")
        (folder / ".claude.json").write_text('{"mine": 1}')
    (fleet.agent("ops-1") / "docs/support/ops/links.md").write_text("# Links\n" + "[x](gone.md)\n" * COUNT)
    monkeypatch.setenv("OPS_FLEET", str(fleet.root))
    monkeypatch.setenv("OPS_HOME", str(fleet.folder / "state"))
    monkeypatch.setenv("AGENT_NAME", "ops-1")
    return fleet


def answer(capsys: pytest.CaptureFixture[str], *command: str) -> dict[str, list[dict[str, str]]]:
    main(["--json", *command])
    return json.loads(capsys.readouterr().out)


def named(rows: list[dict[str, str]]) -> int:
    return sum("qa-" in json.dumps(row) for row in rows)


def test_every_agent_is_in_the_audit(many: DemoFleet, capsys: pytest.CaptureFixture[str]) -> None:
    assert named(answer(capsys, "fleet", "audit")["agents"]) == COUNT
    main(["fleet", "audit"])
    assert "not listed" not in capsys.readouterr().out


def test_every_agent_is_in_the_plan_and_in_the_sync(many: DemoFleet, capsys: pytest.CaptureFixture[str]) -> None:
    plan = answer(capsys, "config", "plan")
    assert named(plan["agents"]) == COUNT
    assert named(answer(capsys, "config", "sync", "--plan", str(plan["plan"]))["agents"]) == COUNT


def test_every_hazard_and_every_finding_is_listed(many: DemoFleet, capsys: pytest.CaptureFixture[str]) -> None:
    assert named(answer(capsys, "token", "check")["hazards"]) == COUNT
    codes = [finding["code"] for finding in answer(capsys, "docs", "check")["findings"]]
    assert codes.count("page_link_dead") == COUNT


def test_every_incident_is_listed(many: DemoFleet, capsys: pytest.CaptureFixture[str]) -> None:
    folder: Path = many.agent("ops-1") / "docs/support/incidents"
    for number in range(COUNT):
        (folder / f"2026-01-02-x{number}.md").write_text(f"---\ndetected: 2026-01-02\ntitle: qa-{number}\n---\n")
    assert named(answer(capsys, "incident", "list", "--status", "all")["incidents"]) == COUNT
