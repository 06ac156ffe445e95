"""The SessionStart hook in the real Claude Code: what it says reaches the agent."""

import json
from datetime import timedelta

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.e2e.claude import ask
from tests.e2e.model import ScriptedModel
from tests.fixtures.logins import write_store

pytestmark = pytest.mark.e2e


def test_a_session_begins_with_the_warning_that_its_login_ends(fleet: DemoFleet) -> None:
    write_store(fleet.store, "host", login=timedelta(days=2))
    own = {"OPS_FLEET": str(fleet.root), "OPS_HOME": str(fleet.folder / "ops")}
    with ScriptedModel(["done"]) as model:
        session = ask(model, "begin", home=fleet.home, cwd=fleet.agent("opus-1"), extra=own)
        shown = json.dumps(model.requests[0]["messages"])
    assert session.code == 0
    assert "ops: the login in" in shown
    assert "ends soon" in shown
    assert "A human logs in before" in shown


def test_an_ops_agent_begins_with_its_role_and_another_without(fleet: DemoFleet) -> None:
    write_store(fleet.store, "host")
    for agent, is_told in (("ops-1", True), ("opus-1", False)):
        own = {"OPS_FLEET": str(fleet.root), "OPS_HOME": str(fleet.folder / "ops")}
        with ScriptedModel(["done"]) as model:
            assert ask(model, "begin", home=fleet.home, cwd=fleet.agent(agent), extra=own).code == 0
            assert ("You are the OPS worker" in json.dumps(model.requests[0]["messages"])) == is_told
