"""Every planted fault is there, there only, and gone without a trace when taken back. Plain git and json only."""

import json
from pathlib import Path

from mcp_server.demo.faults import FAULTS
from mcp_server.demo.fleet import AGENTS, DemoFleet
from mcp_server.demo.injection import INCIDENTS, LOST, UNLISTED
from tests.fixtures.clones import git

Config = dict[str, object]


def config(fleet: DemoFleet, agent: str) -> Config | None:
    try:
        return json.loads((fleet.agent(agent) / ".claude.json").read_text())
    except json.JSONDecodeError:
        return None


def test_exactly_three_configs_differ_from_the_master_and_one_is_cut_off(demo_fleet: DemoFleet) -> None:
    master: Config = json.loads(demo_fleet.master.read_text())
    configs = {agent: config(demo_fleet, agent) for agent in AGENTS}
    readable = {agent: found for agent, found in configs.items() if found is not None}
    drifted = {agent for agent, found in readable.items() if any(found.get(key) != master[key] for key in master)}
    assert set(configs) - set(readable) == {"qa-1"}
    assert drifted == {"opus-2", "codex-3", "gemini-2"}
    assert "playwright" not in json.dumps(readable["opus-2"])
    assert "postgres-mcp@1.3.0" in json.dumps(readable["codex-3"])
    assert readable["gemini-2"]["theme"] == "light-ansi"


def test_only_codex_5_has_commits_on_main(demo_fleet: DemoFleet) -> None:
    ahead = {agent: git(demo_fleet.agent(agent), "rev-list", "--count", "origin/main..main") for agent in AGENTS}
    assert {agent: n for agent, n in ahead.items() if n != "0"} == {"codex-5": "2"}
    assert git(demo_fleet.agent("codex-5"), "branch", "--show-current") == "main"


def test_only_opus_4_is_twelve_behind_and_dirty(demo_fleet: DemoFleet) -> None:
    behind = {agent: git(demo_fleet.agent(agent), "rev-list", "--count", "HEAD..origin/main") for agent in AGENTS}
    dirty = {agent: git(demo_fleet.agent(agent), "status", "--porcelain") for agent in AGENTS}
    assert {agent: n for agent, n in behind.items() if n != "0"} == {"opus-4": "12"}
    assert {agent for agent, lines in dirty.items() if lines} == {"opus-4"}


def test_only_pm_2_has_an_anthropic_key_in_its_environment(demo_fleet: DemoFleet) -> None:
    texts = {agent: (demo_fleet.agent(agent) / ".env").read_text() for agent in AGENTS}
    assert {agent for agent, text in texts.items() if "\nANTHROPIC_API_KEY=" in text} == {"pm-2"}


def test_two_agents_hold_one_login_and_the_host_another_that_ends_in_two_days(demo_fleet: DemoFleet) -> None:
    stores = {path.parent.name: json.loads(path.read_text()) for path in demo_fleet.folder.rglob(".credentials.json")}
    logins = {name: store["claudeAiOauth"] for name, store in stores.items()}
    now = demo_fleet.now.timestamp() * 1000
    assert set(logins) == {"opus-5", "opus-6", ".claude"}
    assert logins["opus-5"] == logins["opus-6"]
    assert logins["opus-5"]["refreshToken"] != logins[".claude"]["refreshToken"]
    assert logins["opus-5"]["expiresAt"] > now > logins[".claude"]["expiresAt"]
    assert round((logins[".claude"]["refreshTokenExpiresAt"] - now) / 3_600_000) == 48


def test_one_incident_has_no_row_and_one_row_no_incident(demo_fleet: DemoFleet) -> None:
    for agent in AGENTS:
        folder = demo_fleet.agent(agent) / INCIDENTS
        listed = {line.split("(")[1].split(")")[0] for line in _rows(folder / "INDEX.md")}
        files = {path.name for path in folder.glob("2*.md")}
        expected = {Path(UNLISTED).name, Path(LOST).name} if agent == "ops-1" else set[str]()
        assert listed ^ files == expected


def test_each_fault_is_seen_on_disk_however_many_others_there_are(demo_fleet: DemoFleet) -> None:
    assert [fault.name for fault in FAULTS if fault.observe(demo_fleet).gone] == []


def _rows(index: Path) -> list[str]:
    return [line for line in index.read_text().splitlines() if line.startswith("| 2")]
