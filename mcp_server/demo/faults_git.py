"""Clones and documents that are not as they should be."""

from mcp_server.demo.fleet import DemoFleet, branch_of
from mcp_server.demo.git import git

INCIDENTS = "docs/support/incidents"
UNLISTED = f"{INCIDENTS}/2026-11-18-tester-mount-stale.md"
LOST = f"{INCIDENTS}/2026-10-08-queue-backlog.md"

_INCIDENT = """# Stale mount in test-2

- Severity: sev4
- Status: closed
- Agents: test-2

## Timeline (UTC)

- 10:12 test-2 sees an empty /workspace after its folder was cloned anew on the host.
- 10:20 Container recreated, files are back.

## Resolution

A bind mount holds the folder it was started with. Recreate the container after replacing one.
"""


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
