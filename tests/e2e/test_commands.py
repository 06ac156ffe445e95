"""The five commands in the real Claude Code, on the example fleet: what the model was shown, and what is on disk."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from mcp_server.kernel.markdown.page import read_page
from mcp_server.records.timeline import entries_in
from tests.e2e.claude import SERVER, Session, ask
from tests.e2e.model import Call, ScriptedModel, Turn

pytestmark = pytest.mark.e2e

MADE_UP_TOKEN = re.compile(r"sk-ant-(oat|ort|api)\d\d-[\w-]{8,}")


def run_command(
    fleet: DemoFleet, home: Path, prompt: str, *turns: Turn, extra: dict[str, str] | None = None
) -> tuple[Session, ScriptedModel]:
    """Type `prompt` as ops-1 in its clone, with the model playing `turns`; nothing shown may hold a token."""
    environment = {"OPS_HOME": str(home / "state"), "AGENT_NAME": "ops-1", **(extra or {})}
    with ScriptedModel(turns) as model:
        session = ask(model, prompt, home=home, cwd=fleet.agent("ops-1"), extra=environment)
    assert session.code == 0, session.errors
    assert not MADE_UP_TOKEN.search(json.dumps(model.results))
    return session, model


def prompt_of(model: ScriptedModel) -> str:
    return json.dumps(model.requests[0]["messages"])


def answer(model: ScriptedModel, number: int = 0) -> dict[str, Any]:
    """The JSON of a tool's answer as the model was shown it."""
    is_error, text = model.results[number]
    assert not is_error, text
    return json.loads(text)


def call(tool: str, **arguments: Any) -> Call:
    return Call(f"{SERVER}__{tool}", arguments)


def test_the_plugin_loads_with_its_commands_and_its_server(own_demo_fleet: DemoFleet, home: Path) -> None:
    session, _ = run_command(own_demo_fleet, home, "hello", "done")
    assert "ops" in [plugin["name"] for plugin in session.start["plugins"]]
    commands = set(session.start["slash_commands"])
    assert {
        f"ops:{name}" for name in ("index_check", "opus_token_refresh", "config_sync", "incident_open")
    } <= commands
    assert "ops:fleet_audit" in commands


def test_index_check_gives_the_page_for_a_pasted_log_line(own_demo_fleet: DemoFleet, home: Path) -> None:
    line = "12:04:31 API Error: 401 OAuth token has expired $(touch INJECTED) `touch INJECTED`"
    _, model = run_command(own_demo_fleet, home, f"/ops:index_check {line}", call("index_check", problem=line), "ok")
    assert "401 OAuth token has expired" in prompt_of(model)
    assert "index_check" in prompt_of(model)
    found = answer(model)
    assert found["match"] is True
    assert found["results"][0]["path"] == "runbooks/access-token-expired.md"
    assert found["results"][0]["command"] == "/ops:opus_token_refresh"
    assert not (own_demo_fleet.agent("ops-1") / "INJECTED").exists()


def test_index_check_says_when_nothing_is_documented_and_offers_the_page(
    own_demo_fleet: DemoFleet, home: Path
) -> None:
    _, model = run_command(
        own_demo_fleet, home, "/ops:index_check x", call("index_check", problem="the espresso machine leaks"), "ok"
    )
    assert answer(model)["match"] is False
    assert "/ops:runbook_add" in answer(model)["next"]
    assert "/ops:runbook_add" in prompt_of(model)


def test_fleet_audit_shows_every_planted_fault_and_changes_nothing(own_demo_fleet: DemoFleet, home: Path) -> None:
    before = fingerprints(own_demo_fleet)
    _, model = run_command(own_demo_fleet, home, "/ops:fleet_audit", call("fleet_audit"), "ok")
    audit = answer(model)
    assert len(audit["agents"]) == 25
    codes = {f["code"] for agent in audit["agents"] for f in agent["findings"]} | {
        f["code"] for f in audit.get("findings", [])
    }
    assert {
        "on_main",
        "behind",
        "config_drift",
        "config_unreadable",
        "copied_login",
        "shadowed_login",
        "login_ending",
        "index_row_missing",
        "index_file_missing",
    } <= codes
    assert fingerprints(own_demo_fleet) == before


def test_config_sync_brings_an_agent_in_step_and_keeps_its_live_state(own_demo_fleet: DemoFleet, home: Path) -> None:
    config = own_demo_fleet.agent("opus-2") / ".claude.json"
    before = json.loads(config.read_text())
    missing = set(json.loads(own_demo_fleet.master.read_text())["mcpServers"]) - set(before["mcpServers"])
    assert missing

    with ScriptedModel([call("config_plan", agents=["opus-2"]), "planned"]) as planning:
        environment = {"OPS_HOME": str(home / "state"), "AGENT_NAME": "ops-1"}
        ask(planning, "/ops:config_sync opus-2", home=home, cwd=own_demo_fleet.agent("ops-1"), extra=environment)
    plan = answer(planning)["plan"]
    _, model = run_command(
        own_demo_fleet, home, "/ops:config_sync opus-2", call("config_sync", plan=plan, agents=["opus-2"]), "ok"
    )

    assert [agent["state"] for agent in answer(model)["agents"]] == ["applied"]
    after = json.loads(config.read_text())
    assert missing <= set(after["mcpServers"])
    for live in ("oauthAccount", "projects", "userID", "numStartups", "hasCompletedOnboarding"):
        assert after[live] == before[live]


def test_config_sync_refuses_a_plan_that_no_longer_holds(own_demo_fleet: DemoFleet, home: Path) -> None:
    config = own_demo_fleet.agent("opus-2") / ".claude.json"
    before = config.read_bytes()
    _, model = run_command(
        own_demo_fleet, home, "/ops:config_sync", call("config_sync", plan="0" * 64, agents=["opus-2"]), "ok"
    )
    [(is_error, text)] = model.results
    assert is_error
    assert "config_plan" in text or "plan" in text
    assert config.read_bytes() == before


def test_incident_open_writes_the_file_and_its_row_on_the_role_branch(own_demo_fleet: DemoFleet, home: Path) -> None:
    folder = own_demo_fleet.agent("ops-1") / "docs" / "support" / "incidents"
    index = (folder / "INDEX.md").read_text()
    opening = call(
        "incident_open",
        title="Host login ends in two days",
        severity="sev2",
        summary="token_check says login_ending",
        log="refresh_token=" + "sk-ant-" + "ort01-" + "Q" * 40,
    )
    _, model = run_command(own_demo_fleet, home, "/ops:incident_open login ends", opening, "ok")
    opened = answer(model)
    written = own_demo_fleet.agent("ops-1") / opened["path"]
    assert written.parent == folder
    assert "Q" * 40 not in written.read_text()
    assert (folder / "INDEX.md").read_text().startswith(index.rstrip("\n"))
    assert written.name in (folder / "INDEX.md").read_text()


def test_incident_update_moves_the_status_and_offers_a_runbook_when_none_helped(
    own_demo_fleet: DemoFleet, home: Path
) -> None:
    opening = call("incident_open", title="Queue stands still", severity="sev3", summary="since noon")
    _, model = run_command(own_demo_fleet, home, "/ops:incident_open queue", opening, "ok")
    opened = answer(model)
    update = call("incident_update", id=opened["id"], status="resolved", entry="restarted", postmortem=True)
    typed = f"/ops:incident_update {opened['id']} is resolved, postmortem"
    _, model = run_command(own_demo_fleet, home, typed, call("incident_list"), update, "ok")
    assert [row["id"] for row in answer(model)["incidents"]] == [opened["id"]]
    updated = answer(model, 1)
    assert (updated["status"], updated["runbook_add"]["title"]) == ("resolved", "Queue stands still")
    written = Path(opened["path"]).read_text()
    assert "**resolved**; restarted" in written
    assert "\n## Postmortem\n" in written


def test_adr_propose_writes_a_record_in_the_repositorys_own_form(own_demo_fleet: DemoFleet, home: Path) -> None:
    proposing = call("adr_propose", title="Queue in Redis", context="Too slow.", decision="Redis.")
    _, model = run_command(own_demo_fleet, home, "/ops:adr_propose queue in Redis", proposing, "ok")
    proposed = answer(model)
    path = Path(proposed["path"])
    assert path.name == f"{proposed['number']}-queue-in-redis.md"
    assert path.parent == own_demo_fleet.agent("ops-1") / "docs/systems/adr"
    assert path.read_text().startswith(f"# {proposed['number']}. Queue in Redis\n\n- Status: proposed\n")


def fingerprints(fleet: DemoFleet) -> dict[str, bytes]:
    """What an audit must not touch: configs, environments, logins and the state of each clone."""
    watched = [
        path
        for agent in fleet.agents
        for name in (".claude.json", ".env", ".credentials.json", ".git/HEAD", ".git/index", ".git/packed-refs")
        if (path := fleet.agent(agent) / name).is_file()
    ]
    return {str(path): path.read_bytes() for path in [*watched, fleet.store / ".credentials.json"]}


def test_release_walks_to_the_first_step_that_a_person_does(own_demo_fleet: DemoFleet, home: Path) -> None:
    clone = own_demo_fleet.agent("ops-1")
    steps = "# Releasing\n\n1. Clean.\n\n   ```sh read-only\n   git diff --quiet HEAD -- src\n   ```\n\n2. Deploy.\n"
    (clone / "docs" / "support" / "releasing.md").write_text(steps)
    git(clone, "fetch", "--quiet", "origin")
    _, planning = run_command(own_demo_fleet, home, "/ops:release", call("release_plan"), "planned")
    assert "Do not run it" in prompt_of(planning)
    plan, version = answer(planning)["plan"], answer(planning)["version"]
    _, model = run_command(
        own_demo_fleet,
        home,
        "/ops:release",
        call("release_step", plan=plan),
        call("release_step", plan="0"),
        "ok",
    )
    taken = answer(model)
    assert (taken["step"]["state"], taken["step"]["by"]) == ("passed", "ops-1")
    assert "Do step 2 by hand" in taken["next"]
    assert model.results[1][0]  # the plan of a step that nobody saw
    page = (clone / "docs" / "support" / "releases" / f"{version}.md").read_text()
    assert [entry.mark for entry in entries_in(read_page(page))] == ["begun", "step 1 passed"]
    assert git(clone, "tag", "--list", version) == ""
