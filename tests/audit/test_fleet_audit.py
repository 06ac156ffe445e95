"""`fleet_audit` on the example fleet with every fault, and on a few healthy agents."""

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_server.audit.fleet_audit import FLEET_AUDIT, AuditParams
from mcp_server.audit.look_fleet import audit
from mcp_server.audit.report import Audit, Row
from mcp_server.demo.faults import FAULTS
from mcp_server.demo.fleet import DemoFleet
from mcp_server.guard import look_installed
from mcp_server.guard.install import GUARD_INSTALL, Clones
from mcp_server.kernel.colour import RED
from mcp_server.kernel.document import as_json
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.server.wiring import context_of
from mcp_server.system.disk import Disk
from tests.fixtures.clones import everything_in, git


def context(fleet: DemoFleet, caller: str | None = None) -> Context:
    environment = {"HOME": str(fleet.home), "OPS_HOME": str(fleet.folder / "state")}
    return context_of(environment, fleet.root, fleet=fleet.root, agent=caller)


def audited(fleet: DemoFleet, *agents: str, caller: str | None = None) -> Audit:
    found = FLEET_AUDIT.run(context(fleet, caller), AuditParams(agents=list(agents)))
    assert isinstance(found, Audit)
    return found


def row(audit: Audit, agent: str) -> Row:
    return next(row for row in audit.agents if row.agent == agent)


def codes(audit: Audit) -> set[tuple[str, str]]:
    """Agent and code of every finding; those of the fleet have no agent."""
    own = {(row.agent, finding.code) for row in audit.agents for finding in row.findings}
    return own | {("", finding.code) for finding in audit.findings}


@pytest.fixture(scope="module")
def whole(demo_fleet: DemoFleet) -> Audit:
    return audited(demo_fleet)


def test_every_planted_fault_is_found_and_nothing_else(whole: Audit) -> None:
    expected = {(agent, fault.code) for fault in FAULTS for agent in fault.agents or ("",)}
    assert codes(whole) == expected | {("", "access_lapsed")}


def test_the_summary_counts_what_the_rows_say(whole: Audit) -> None:
    summary = whole.summary
    assert (summary.agents, summary.clean, summary.trouble, summary.unknown) == (25, 7, 18, 0)
    assert summary.clean == sum(not row.findings and not row.shared for row in whole.agents)
    assert sum(summary.codes.values()) == summary.critical + summary.warning + summary.notice
    assert summary.codes["config_drift"] == 3
    assert not FLEET_AUDIT.ok(whole)


def test_a_row_says_how_an_agent_stands(whole: Audit) -> None:
    behind = row(whole, "opus-4")
    assert (behind.branch, behind.ahead, behind.behind, behind.dirty) == ("opus/4", 0, 12, 3)
    assert (behind.config, behind.login, behind.guard) == ("in_sync", "login_ending", "inert")
    assert row(whole, "qa-1").config == "unreadable"
    assert row(whole, "codex-1").login == "none", "a Codex agent uses no Claude login"
    assert row(whole, "opus-1").shared == ("login_ending", "access_lapsed"), "it is not clean either"


def test_the_answer_for_25_agents_with_faults_stays_short(whole: Audit) -> None:
    assert len(json.dumps(as_json(whole), ensure_ascii=False)) < 12_600, "about four characters are a token"


def test_no_token_or_key_is_in_the_answer(whole: Audit, demo_fleet: DemoFleet) -> None:
    answer = json.dumps(as_json(whole)) + FLEET_AUDIT.text(whole)
    for env in demo_fleet.root.glob("*/.env"):
        values = [line.partition("=")[2] for line in env.read_text().splitlines() if "=" in line]
        assert not [value for value in values if len(value) >= 20 and value in answer]
    for store in demo_fleet.folder.rglob(".credentials.json"):
        login = json.loads(store.read_text())["claudeAiOauth"]
        assert login["accessToken"] not in answer
        assert login["refreshToken"] not in answer


def test_the_text_is_a_table_of_all_agents_with_their_findings_and_counts_the_clean_ones(whole: Audit) -> None:
    lines = FLEET_AUDIT.text(whole).splitlines()
    assert lines[0].split()[:5] == ["agent", "branch", "ahead", "behind", "dirty"]
    assert [line.split()[0] for line in lines[1 : lines.index("")]] == [r.agent for r in whole.agents]
    assert [line.endswith("  -") for line in lines[1:26]] == [not (r.findings or r.shared) for r in whole.agents]
    assert lines[-1].startswith("7 of 25 agents clean, 18 in trouble, 0 not known; ")
    assert next(line for line in lines if line.startswith("critical")) == "critical  on_main"


def test_an_audit_changes_nothing(demo_fleet: DemoFleet) -> None:
    before = everything_in(demo_fleet.folder)
    audited(demo_fleet, "opus-4", "ops-1")
    assert everything_in(demo_fleet.folder) == before


def test_named_agents_are_audited_alone_and_in_their_order(demo_fleet: DemoFleet) -> None:
    found = audited(demo_fleet, "opus-4", "codex-1", "opus-4")
    assert [row.agent for row in found.agents] == ["opus-4", "codex-1"]
    assert codes(found) == {("opus-4", "behind"), ("", "login_ending"), ("", "access_lapsed")}


def test_an_unknown_agent_is_named_with_the_known_ones(demo_fleet: DemoFleet) -> None:
    with pytest.raises(OpsError) as caught:
        audited(demo_fleet, "opus-99")
    assert caught.value.kind == "not_found"
    assert "opus-1" in caught.value.next


def test_a_healthy_fleet_is_clean(six: DemoFleet) -> None:
    found = audited(six)
    assert codes(found) == set()
    assert FLEET_AUDIT.ok(found)
    assert FLEET_AUDIT.text(found).splitlines()[-1] == (
        "6 of 6 agents clean, 0 in trouble, 0 not known; 0 critical, 0 warnings, 0 notices"
    )


def test_agents_that_cannot_be_looked_at_are_told_and_stop_no_other(six: DemoFleet) -> None:
    (six.agent("opus-1") / ".git").rename(six.agent("opus-1") / "git")
    six.agent("test-1").rename(six.folder / "away")
    (six.agent("opus-2") / ".env").unlink()
    (six.agent("opus-2") / ".claude.json").unlink()
    (six.agent("codex-1") / ".env").write_text("AGENT_NAME=codex-7\n")
    found = audited(six)
    assert codes(found) == {
        ("opus-1", "not_a_clone"),
        ("test-1", "agent_missing"),
        ("opus-2", "env_missing"),
        ("opus-2", "config_missing"),
        ("codex-1", "name_differs"),
    }
    assert (row(found, "opus-1").behind, row(found, "opus-1").config) == ("unknown", "in_sync")
    assert (row(found, "test-1").branch, row(found, "test-1").config) == ("unknown", "unknown")
    assert (found.summary.clean, found.summary.trouble, found.summary.unknown) == (2, 4, 0)
    assert row(found, "test-1").findings[0].next == f"git clone {six.origin} {six.agent('test-1')}"


def test_a_fleet_without_a_master_or_docs_or_a_readable_compose_file_is_audited_all_the_same(
    six: DemoFleet,
) -> None:
    six.master.unlink()
    (six.root / "Docker" / "docker-compose.yml").write_text("services: [")
    for agent in six.agents:
        git(six.agent(agent), "rm", "-rq", "docs")
        git(six.agent(agent), "commit", "-qm", "no docs")
    found = audited(six)
    assert {code for _, code in codes(found)} == {"master_unreadable", "unreadable_source", "docs_missing"}
    assert FLEET_AUDIT.text(found).splitlines()[-1].startswith("0 of 6 agents clean, 0 in trouble, 6 not known; ")
    assert row(found, "opus-1").config == "unknown"


def test_the_same_step_for_many_agents_is_spelled_out_three_times(six: DemoFleet) -> None:
    for agent in six.agents:
        git(six.agent(agent), "switch", "--quiet", "--detach")
    steps = [row.findings[0].next for row in audited(six).agents]
    assert [step.startswith("ops --agent ") for step in steps] == [True] * 3 + [False] * 3
    assert set(steps[3:]) == {"As for codex-1"}


def test_a_fleet_of_many_agents_is_answered_in_bounds_and_counted_in_full(six: DemoFleet) -> None:
    named = "".join(f"[agents.opus-{n}]\n" for n in range(100, 180))
    (six.root / "fleet.toml").write_text((six.root / "fleet.toml").read_text() + named)
    found = audited(six)
    assert (len(found.agents), found.summary.agents, found.summary.omitted, found.summary.clean) == (60, 86, 26, 6)
    assert found.summary.codes == {"agent_missing": 80}
    assert FLEET_AUDIT.text(found).endswith("; 26 agents are not listed")


def test_an_agent_folder_that_is_a_link_to_another_agents_is_told(six: DemoFleet) -> None:
    six.agent("opus-2").rename(six.folder / "away")
    six.agent("opus-2").symlink_to("opus-1")
    found = audited(six, "opus-2")
    assert row(found, "opus-2").branch == row(audited(six, "opus-1"), "opus-1").branch
    assert {code for _, code in codes(found)} == {"config_unreadable", "name_differs"}
    assert "symbolic link" in row(found, "opus-2").findings[0].message


def test_a_secret_in_place_of_the_agents_name_is_not_shown(six: DemoFleet) -> None:
    canary = "sk-ant-" + "oat01-" + "c" * 40
    (six.agent("opus-1") / ".env").write_text(f"AGENT_NAME={canary}\n")
    found = audited(six, "opus-1")
    assert codes(found) == {("opus-1", "name_differs")}
    assert canary not in FLEET_AUDIT.text(found)


def test_a_lock_that_a_killed_git_left_is_told_and_the_lock_of_a_living_git_is_not(six: DemoFleet) -> None:
    lock = six.agent("opus-1") / ".git" / "index.lock"
    lock.touch()
    living = subprocess.Popen(["git", "cat-file", "--batch"], cwd=six.agent("opus-1"), stdin=subprocess.PIPE)
    while (Path(f"/proc/{living.pid}/comm")).read_text() != "git\n":
        pass  # it becomes git with its exec
    during = audited(six)
    living.communicate()
    assert codes(during) == set()
    after = audited(six)
    assert codes(after) == {("opus-1", "git_lock")}
    assert ".git/index.lock is 0 min old" in row(after, "opus-1").findings[0].message
    assert lock.exists()


def test_sessions_are_counted_and_those_that_wait_for_their_human(six: DemoFleet) -> None:
    processes = [subprocess.Popen(["/bin/cat"], cwd=six.agent("opus-1"), stdin=subprocess.PIPE) for _ in range(2)]
    folder = six.home / ".claude" / "sessions"
    folder.mkdir()
    for process, status, version in zip(processes, ("busy", "waiting"), ("2.1.9", "2.1.30"), strict=True):
        start = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19]
        noted = {"pid": process.pid, "procStart": start, "version": version, "status": status}
        (folder / f"{process.pid}.json").write_text(json.dumps(noted))
    (folder / "1.json").write_text(json.dumps({"pid": 1, "procStart": "0", "version": "2.1.1", "status": "waiting"}))
    found = audited(six)
    for process in processes:
        process.communicate()
    opus, tester = row(found, "opus-1"), row(found, "test-1")
    assert (opus.sessions, opus.waiting, opus.client) == (2, 1, "2.1.9"), "the oldest that runs"
    assert (tester.sessions, tester.client) == (None, None), "nobody looks into the container"
    assert "2, 1 waiting" in FLEET_AUDIT.text(found)


def test_a_row_says_when_the_guard_was_tried_and_what_the_folder_takes(six: DemoFleet) -> None:
    ctx = context(six)
    GUARD_INSTALL.run(ctx, Clones(clones=["opus-1"]))
    (six.agent("opus-1") / "docs" / "big").write_bytes(b"x" * 5_000_000)
    opus = row(audited(six), "opus-1")
    assert (opus.guard, opus.guard_tested) == (
        "blocks",
        look_installed.tested_at(ctx.world, six.agent("opus-1") / ".git"),
    )
    assert isinstance(opus.disk_mb, int)
    assert opus.disk_mb >= 5
    assert row(audited(six), "opus-2").guard_tested is None
    late = replace(ctx, world=replace(ctx.world, disk=NoTime()))
    assert row(audit(late, ctx.agents(["opus-1"]), ask=False), "opus-1").disk_mb == "unknown"


class NoTime(Disk):
    """A disk whose count takes longer than one waits."""

    def used(self, folders: Collection[Path], patience: float) -> Mapping[Path, int]:
        return super().used([Path("/proc"), *folders], 0.0)


def test_origins_are_asked_only_where_one_wants_it(six: DemoFleet) -> None:
    six.origin.rename(six.folder / "away")
    assert codes(audited(six)) == set()
    report = FLEET_AUDIT.run(context(six), AuditParams(fetch=True))
    assert codes(report) == {("", "origin_silent")}


def test_the_table_is_coloured_on_a_terminal_alone(six: DemoFleet, whole: Audit) -> None:
    assert FLEET_AUDIT.coloured
    lines = list(FLEET_AUDIT.coloured(whole))
    assert "\n".join(line for line, _ in lines) == FLEET_AUDIT.text(whole)
    assert any(line.startswith("codex-5 ") and colour == RED for line, colour in lines)
    (six.agent("opus-1") / ".env").unlink()
    command = [sys.executable, "-m", "mcp_server.cli", "--fleet", str(six.root), "fleet", "audit"]
    piped = subprocess.run(command, capture_output=True, text=True, check=False)
    ours, theirs = os.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    subprocess.run(command, stdout=theirs, env=environment, check=False)
    os.close(theirs)
    assert "\x1b" not in piped.stdout
    assert "\x1b[36mopus-1 " in os.read(ours, 100_000).decode()


def test_the_docs_of_the_caller_are_looked_at(six: DemoFleet) -> None:
    (six.agent("opus-2") / "docs/support/incidents/2026-11-21-lost.md").write_text("# Lost\n")
    git(six.agent("opus-2"), "add", "docs")
    git(six.agent("opus-2"), "commit", "-qm", "incident")
    assert codes(audited(six)) == set()
    assert codes(audited(six, caller="opus-2")) == {("opus-2", "index_row_missing")}
