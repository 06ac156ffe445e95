"""People are notified when the real Claude Code opens an incident, through the shared server, which has no secret."""

import json
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.e2e.test_commands import answer, call, run_command
from tests.fixtures.http_server import listening

pytestmark = pytest.mark.e2e


def test_a_webhook_in_the_clients_environment_alone_is_called_and_the_model_is_told(
    own_demo_fleet: DemoFleet, home: Path
) -> None:
    opening = call("incident_open", title="Logins lost", severity="sev1", summary="All of them", commit=True)
    with listening() as hook:
        _, model = run_command(
            own_demo_fleet, home, "/ops:incident_open logins", opening, "ok", extra={"OPS_WEBHOOK": hook.url}
        )
        assert [json.loads(body)["notice"]["event"] for body in hook.got] == ["opened"]
    opened = answer(model)
    assert "OPS_WEBHOOK stays with the client" in opened["notified"]
    assert opened["commit"]
    assert "ops: sent to webhook" in json.dumps(model.requests[-1]["messages"])
    assert not list((home / "state" / "notices").glob("*.json"))
    held = [path for path in (home / "state").rglob("*") if path.is_file()]
    assert [path for path in held if hook.url.encode() in path.read_bytes()] == []
