"""`adr_propose` on real clones: a number that nobody else has, whatever hides in branches and on origin."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet, build
from mcp_server.demo.git import git
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Params
from mcp_server.records.adr_propose import ADR_PROPOSE, Proposed, ProposeParams
from mcp_server.records.adr_status import ADR_STATUS
from mcp_server.records.decision import FOLDER
from tests.fixtures.incidents import ROOT, changed, context, open_incident


def proposed(ctx: Context, title: str = "Queue in Redis", **more: object) -> Proposed:
    return ADR_PROPOSE.run(ctx, ProposeParams.of({"title": title, **more}))


def commit_record(clone: Path, number: str, branch: str) -> None:
    """A record that only `branch` has; the clone goes back to the branch it was on."""
    git(clone, "switch", "--quiet", "-c", branch)
    (clone / FOLDER / f"{number}-elsewhere.md").write_text("# x\n")
    git(clone, "add", FOLDER)
    git(clone, "commit", "--quiet", "--message", number)
    git(clone, "switch", "--quiet", "-")


def test_the_number_is_free_in_all_clones_their_branches_and_origin(fleet: DemoFleet) -> None:
    ctx = context(fleet)
    first = proposed(ctx, context="Too slow.", links=["docs/systems/architecture/ARCHITECTURE.md"])
    assert (first.number, first.note, first.index_row) == ("0004", None, None)
    assert first.path == fleet.agent("ops-1") / FOLDER / "0004-queue-in-redis.md"
    text = first.path.read_text()
    assert text.startswith("# 0004. Queue in Redis\n\n- Status: proposed\n")
    assert "[ARCHITECTURE.md](../architecture/ARCHITECTURE.md)" in text
    assert changed(fleet.agent("ops-1")) == [f"?? {FOLDER}/0004-queue-in-redis.md"]

    (fleet.agent("codex-1") / FOLDER / "0007-not-committed.md").write_text("# x\n")
    assert proposed(ctx, "after an uncommitted one").number == "0008"
    commit_record(fleet.agent("opus-2"), "0012", "opus/elsewhere")
    assert proposed(ctx, "after one on a branch").number == "0013"
    pm = fleet.agent("pm-1")
    commit_record(pm, "0020", "pm/elsewhere")
    git(pm, "push", "--quiet", "origin", "pm/elsewhere")
    git(pm, "branch", "--quiet", "--delete", "--force", "pm/elsewhere")
    git(pm, "update-ref", "-d", "refs/remotes/origin/pm/elsewhere")
    assert proposed(ctx, "after one that only origin has").number == "0021"


def test_an_incident_is_linked_and_an_index_gets_its_row(fleet: DemoFleet) -> None:
    index = fleet.agent("ops-1") / FOLDER / "INDEX.md"
    rows = "| # | Title | Status |\r\n|---|---|---|\r\n| 0001 | [x](0001-managed-postgres.md) | accepted |\r\n"
    before = f"# Decisions\r\n\r\n{rows}\r\nend"
    index.write_bytes(before.encode())
    one = open_incident(context(fleet))
    new = proposed(context(fleet), "Redis | for `jobs`", links=[one.id])
    assert f"[{one.id}.md](../../support/incidents/{one.id}.md)" in new.path.read_text()
    assert new.index_row == rf"| 0004 | [Redis \| for \`jobs\`]({new.path.name}) | proposed |"
    after = index.read_bytes().decode()
    assert after == before.replace("accepted |\r\n", f"accepted |\r\n{new.index_row}\r\n")


def test_a_silent_origin_is_noted_and_a_title_is_used_once(fleet: DemoFleet) -> None:
    ctx = context(fleet)
    fleet.origin.rename(fleet.origin.with_name("away"))
    assert "origin could not be asked" in (proposed(ctx).note or "")
    with pytest.raises(OpsError, match="has this title already"):
        proposed(ctx, "queue in REDIS")
    with pytest.raises(OpsError, match="no incident or file"):
        proposed(ctx, "x", links=["../../../etc/passwd"])
    git(fleet.agent("ops-1"), "switch", "--quiet", "main")
    with pytest.raises(OpsError, match="nobody works directly"):
        proposed(ctx, "y")


def test_the_example_is_consistent_and_a_one_sided_supersession_is_a_finding(fleet: DemoFleet) -> None:
    found = ADR_STATUS.run(context(fleet), Params())
    assert [row.status for row in found.records] == ["accepted"] * 3
    assert ADR_STATUS.ok(found)
    record = fleet.agent("ops-1") / FOLDER / "0002-queue-in-postgres.md"
    record.write_text(record.read_text().replace("Status: accepted", "Status: superseded by 0003"))
    found = ADR_STATUS.run(context(fleet), Params())
    assert [finding.code for finding in found.findings] == ["adr_chain_broken"]


_PROPOSES = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from mcp_server.demo.fleet import DemoFleet
from tests.records.test_decisions import context, proposed
ctx = context(DemoFleet(Path(sys.argv[1]), datetime.now(UTC), ()), sys.argv[2])
sys.stdin.read()
print(proposed(ctx, "One for all").number)
"""


def at_once(fleet: DemoFleet, agents: Sequence[str]) -> list[str]:
    """The numbers that these agents get when all ask at the same moment."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PROPOSES, str(fleet.folder), name],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in agents
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    return [process.communicate(timeout=600)[0].strip() for process in processes]


def test_three_at_once_get_three_numbers(fleet: DemoFleet) -> None:
    assert sorted(at_once(fleet, ("ops-1", "opus-1", "codex-1"))) == ["0004", "0005", "0006"]


@pytest.mark.e2e
def test_twenty_five_at_once_get_twenty_five_numbers(tmp_path: Path) -> None:
    fleet = build(tmp_path / "fleet", datetime.now(UTC))
    numbers = at_once(fleet, fleet.agents)
    assert sorted(numbers) == [f"{number:04}" for number in range(4, 4 + 25)]
