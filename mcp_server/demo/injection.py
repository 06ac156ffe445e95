"""Injects each fault into the example fleet. All tokens are made up."""

import json
from datetime import datetime, timedelta

from mcp_server.demo import state
from mcp_server.demo.fleet import DemoFleet, branch_of
from mcp_server.demo.git import git
from mcp_server.demo.state import merge, write
from mcp_server.kernel.document import Json

KEY = "ANTHROPIC_API_KEY"
SERVER: dict[str, Json] = {
    "type": "stdio",
    "command": "npx",
    "args": ["-y", "@playwright/mcp@0.0.41", "--headless"],
    "env": {},
}
POSTGRES: list[Json] = ["-y", "@agents-platform/postgres-mcp@1.4.2", "--read-only"]
INCIDENTS = "docs/support/incidents"
UNLISTED = f"{INCIDENTS}/2026-11-18-tester-mount-stale.md"
LOST = f"{INCIDENTS}/2026-10-08-queue-backlog.md"

_INCIDENT = """# Stale mount in test-2

- Severity: sev4
- Status: closed
- Agents: test-2

## Timeline (UTC)

- 10:12 test-2 sees an empty /workspace after its folder was cloned again on the host.
- 10:20 Container recreated, files are back.

## Resolution

A bind mount holds the folder it was started with. Recreate the container after replacing one.
"""


def miss_server(fleet: DemoFleet) -> None:
    """The master gains an MCP server; opus-2 is left out."""
    _roll_out(fleet, {"mcpServers": {"playwright": SERVER}}, but="opus-2")


def miss_value(fleet: DemoFleet) -> None:
    """The master moves to a newer server version; codex-3 keeps the old one."""
    _roll_out(fleet, {"mcpServers": {"postgres": {"args": POSTGRES}}}, but="codex-3")


def change_locally(fleet: DemoFleet) -> None:
    """gemini-2 changes two settings that the master owns."""
    merge(fleet.agent("gemini-2") / ".claude.json", {"theme": "light-ansi", "verbose": False})


def cut_off(fleet: DemoFleet) -> None:
    """The disk was full while qa-1's config was written in place."""
    path = fleet.agent("qa-1") / ".claude.json"
    text = path.read_text("utf-8")
    write(path, text[: len(text) * 2 // 3])


def _roll_out(fleet: DemoFleet, changes: dict[str, Json], but: str) -> None:
    merge(fleet.master, changes)
    for agent in fleet.agents:
        if agent != but:
            merge(fleet.agent(agent) / ".claude.json", changes)


def commit_on_main(fleet: DemoFleet) -> None:
    """codex-5 works on main: two commits that origin does not have."""
    clone = fleet.agent("codex-5")
    git(clone, "switch", "--quiet", "main")
    retry = clone / "src/queue/retry.ts"
    retry.write_text(retry.read_text("utf-8").replace("300_000", "600_000"), "utf-8")
    git(clone, "commit", "--quiet", "--all", "--message=codex: wait up to ten minutes")
    test = clone / "test/retry.test.ts"
    test.write_text(test.read_text("utf-8").replace("300_000", "600_000"), "utf-8")
    git(clone, "commit", "--quiet", "--all", "--message=codex: the test waits as long")


def fall_behind(fleet: DemoFleet) -> None:
    """opus-4's branch starts twelve commits ago and holds work that was never committed."""
    clone = fleet.agent("opus-4")
    git(clone, "checkout", "--quiet", "-B", branch_of("opus-4"), "origin/main~12")
    queue = clone / "src/queue/queue.ts"
    queue.write_text(queue.read_text("utf-8").replace("order by id", "order by priority desc, id"), "utf-8")
    (clone / "db/migrations/0003_job_priority.sql").write_text(
        "alter table jobs add column priority integer not null default 0;\n", "utf-8"
    )
    (clone / "notes.md").write_text("- priority: who may set it?\n", "utf-8")


def forget_row(fleet: DemoFleet) -> None:
    """An incident was written down in ops-1's clone, its row was not."""
    clone = fleet.agent("ops-1")
    (clone / UNLISTED).write_text(_INCIDENT, "utf-8")
    git(clone, "add", UNLISTED)
    git(clone, "commit", "--quiet", "--message=ops: incident, stale mount in test-2")


def lose_file(fleet: DemoFleet) -> None:
    """An incident file went in a clean-up of ops-1, its row stayed."""
    clone = fleet.agent("ops-1")
    git(clone, "rm", "--quiet", LOST)
    git(clone, "commit", "--quiet", "--message=ops: tidy up incidents")


def put_key(fleet: DemoFleet) -> None:
    """Somebody put an API key into pm-2's environment: it shadows the login."""
    path = fleet.agent("pm-2") / ".env"
    key = state.invented("sk-ant-" + "api03-", "pm-2", 95)
    write(path, path.read_text("utf-8") + f"{KEY}={key}\n")


def copy_login(fleet: DemoFleet) -> None:
    """opus-5 and opus-6 hold copies of one login in their own folders; healthy until the first of them refreshes."""
    login = state.login("copied", fleet.now + state.LIVE, fleet.now + state.LOGIN)
    for agent in ("opus-5", "opus-6"):
        write(fleet.agent(agent) / ".credentials.json", json.dumps(login, indent=2))


def let_lapse(fleet: DemoFleet) -> None:
    """The host's access token lapsed three hours ago: nobody worked since."""
    _set_time(fleet, "expiresAt", fleet.now - timedelta(hours=3))


def let_end(fleet: DemoFleet) -> None:
    """The host's login is weeks old and ends in two days, renewed or not."""
    _set_time(fleet, "refreshTokenExpiresAt", fleet.now + timedelta(days=2))


def _set_time(fleet: DemoFleet, key: str, when: datetime) -> None:
    merge(fleet.store / ".credentials.json", {"claudeAiOauth": {key: state.milliseconds(when)}})
