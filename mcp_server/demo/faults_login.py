"""Logins and keys in dangerous places and states. All tokens are made up."""

import json
from datetime import datetime, timedelta

from mcp_server.demo import state
from mcp_server.demo.fleet import DemoFleet

KEY = "ANTHROPIC_API_KEY"


def put_key(fleet: DemoFleet) -> None:
    """Somebody put an API key into pm-2's environment: it shadows the login."""
    path = fleet.agent("pm-2") / ".env"
    key = state.invented("sk-ant-" + "api03-", "pm-2", 95)
    state.write(path, path.read_text("utf-8") + f"{KEY}={key}\n")


def copy_login(fleet: DemoFleet) -> None:
    """opus-5 and opus-6 hold copies of one login in their own folders; healthy until the first of them refreshes."""
    login = state.login("copied", fleet.now + state.LIVE, fleet.now + state.LOGIN)
    for agent in ("opus-5", "opus-6"):
        state.write(fleet.agent(agent) / ".credentials.json", json.dumps(login, indent=2))


def let_lapse(fleet: DemoFleet) -> None:
    """The host's access token lapsed three hours ago: nobody worked since."""
    _set_time(fleet, "expiresAt", fleet.now - timedelta(hours=3))


def let_end(fleet: DemoFleet) -> None:
    """The host's login is weeks old and ends in two days, renewed or not."""
    _set_time(fleet, "refreshTokenExpiresAt", fleet.now + timedelta(days=2))


def _set_time(fleet: DemoFleet, key: str, when: datetime) -> None:
    state.merge(fleet.store / ".credentials.json", {"claudeAiOauth": {key: state.milliseconds(when)}})
