"""Logins and keys in dangerous places and states. All tokens are made up."""

import json
from contextlib import ExitStack
from datetime import datetime, timedelta

from mcp_server.demo import state
from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.undo import merge, rewrite

KEY = "ANTHROPIC_API_KEY"


def put_key(fleet: DemoFleet, undo: ExitStack) -> None:
    """Somebody put an API key into pm-2's environment: it shadows the login."""
    path = fleet.agent("pm-2") / ".env"
    key = state.invented("sk-ant-" + "api03-", "pm-2", 95)
    rewrite(undo, path, path.read_text("utf-8") + f"{KEY}={key}\n")


def copy_login(fleet: DemoFleet, undo: ExitStack) -> None:
    """opus-5 and opus-6 hold copies of one login in their own folders; healthy until the first of them refreshes."""
    login = state.login("copied", fleet.now + state.LIVE, fleet.now + state.LOGIN)
    for agent in ("opus-5", "opus-6"):
        rewrite(undo, fleet.agent(agent) / ".credentials.json", json.dumps(login, indent=2))


def let_lapse(fleet: DemoFleet, undo: ExitStack) -> None:
    """The host's access token lapsed three hours ago: nobody worked since."""
    _set_time(fleet, undo, "expiresAt", fleet.now - timedelta(hours=3))


def let_end(fleet: DemoFleet, undo: ExitStack) -> None:
    """The host's login is weeks old and ends in two days, renewed or not."""
    _set_time(fleet, undo, "refreshTokenExpiresAt", fleet.now + timedelta(days=2))


def _set_time(fleet: DemoFleet, undo: ExitStack, key: str, when: datetime) -> None:
    merge(undo, fleet.store / ".credentials.json", {"claudeAiOauth": {key: state.milliseconds(when)}})
