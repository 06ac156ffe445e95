"""What the real Claude Code makes of a config after a sync, and after the `cp` loop."""

import shutil
import sys
from pathlib import Path

import pytest

from mcp_server.clients import claude
from mcp_server.configs.plan import CONFIG_PLAN, PlanParams
from mcp_server.configs.sync import CONFIG_SYNC, SyncParams
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.document import Json
from mcp_server.operation.context import Context
from mcp_server.server.wiring import context_of
from tests.e2e.claude import binary, run
from tests.e2e.terminal import in_terminal
from tests.fixtures.configs import write

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]
_SIGNS = ("for shortcuts", "default mode", "trust", "text style", "Failed to connect")
"What the first screen rests on: a prompt, the trust dialog, or the onboarding, which first asks Anthropic's host."
SERVER: Json = {"type": "stdio", "command": "true", "args": [], "env": {}}


def variables(fleet: DemoFleet) -> dict[str, str]:
    """What `ops agent run` is called with: nothing leaves this machine."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(fleet.home),
        "OPS_HOME": str(fleet.folder / "state"),
        "OPS_CLAUDE": binary(),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_TELEMETRY": "1",
    }


def context(fleet: DemoFleet) -> Context:
    return context_of(variables(fleet), fleet.root, fleet=fleet.root)


def agent_run(fleet: DemoFleet, *arguments: str) -> list[str]:
    cli = [sys.executable, "-m", "mcp_server.cli", "--fleet", str(fleet.root), "agent", "run", "opus-1"]
    return ["env", f"PYTHONPATH={ROOT}", *cli, "--", *arguments]


def screen(fleet: DemoFleet, folder: Path) -> str:
    """What a person sees first: the screen as soon as it asks or waits for something."""
    command = agent_run(fleet, "--permission-mode", "default")
    with in_terminal(command, variables(fleet), folder) as seen:
        assert seen.wait_for(lambda: any(sign in seen.shown() for sign in _SIGNS)), seen.shown()
        return seen.shown()


@pytest.fixture
def ready(own_demo_fleet: DemoFleet) -> DemoFleet:
    """Opus-1 has a login in the host's store, is past onboarding, trusts its folder; the master gets a new server."""
    fleet = own_demo_fleet
    clone = fleet.agent("opus-1")
    past: dict[str, Json] = {
        "hasCompletedOnboarding": True,
        "lastOnboardingVersion": claude.SEEN_ON,
        "numStartups": 5,
        "oauthAccount": {"emailAddress": "someone@example.test"},
        "projects": {str(clone): {"hasTrustDialogAccepted": True, "allowedTools": []}},
    }
    write(clone / ".claude.json", past)
    write(fleet.master, {"mcpServers": {"brand-new": SERVER}})
    (clone / ".git" / "info" / "exclude").write_text("/backups/\n/projects/\n/sessions/\n/plugins/\n.last-cleanup\n")
    return fleet


def test_after_a_sync_the_next_session_has_the_server_and_asks_nothing(ready: DemoFleet, tmp_path: Path) -> None:
    plan = CONFIG_PLAN.run(context(ready), PlanParams(agents=["opus-1"])).plan
    done = CONFIG_SYNC.run(context(ready), SyncParams(plan=plan, agents=["opus-1"]))
    assert CONFIG_SYNC.ok(done), CONFIG_SYNC.text(done)
    code, out, errors = run(agent_run(ready, "mcp", "list"), variables(ready), ready.root)
    assert code == 0, errors
    assert "brand-new" in out
    assert "plugin:ops:ops" in out
    code, out, errors = run(agent_run(ready, "auth", "status", "--json"), variables(ready), ready.root)
    assert '"loggedIn": true' in out, errors
    shown = screen(ready, tmp_path)
    assert "trust" not in shown
    assert "text style" not in shown
    assert "for shortcuts" in shown or "default mode" in shown, shown
    assert not (ready.agent("opus-1") / ".credentials.json").exists()


def test_after_the_copying_loop_the_next_session_starts_from_nothing(ready: DemoFleet, tmp_path: Path) -> None:
    shutil.copyfile(ready.master, ready.agent("opus-1") / ".claude.json")
    shown = screen(ready, tmp_path)
    assert "for shortcuts" not in shown
    assert "Welcome to Claude Code" in shown, shown
