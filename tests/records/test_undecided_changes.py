"""`docs_check` on changes that choose hosting, a database, a queue or observability, in real clones."""

import json
import shlex
from pathlib import Path

import pytest

from mcp_server.audit.docs_check import DOCS_CHECK
from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.finding import Finding
from mcp_server.operation.operation import Params
from mcp_server.records.adr_propose import ADR_PROPOSE
from tests.audit.test_docs_check import context
from tests.fixtures.clones import commit, git


def found(fleet: DemoFleet, code: str = "decision_without_record") -> list[Finding]:
    findings = DOCS_CHECK.run(context(fleet, "ops-1"), Params()).findings
    return [finding for finding in findings if finding.code == code]


def brings(clone: Path, dependency: str) -> None:
    package = json.loads((clone / "package.json").read_text())
    package.setdefault("dependencies", {})[dependency] = "^5"
    commit(clone, "package.json", json.dumps(package, indent=2) + "\n")


def test_a_clone_without_technology_choices_has_no_findings(fleet: DemoFleet) -> None:
    commit(fleet.agent("opus-1"), "notes.md", "we could use kafka and kubernetes\n")
    commit(fleet.agent("opus-1"), "package.json", '{"dependencies": {"left-pad": "1", "kafkaesque": "1"}}\n')
    assert not found(fleet)


def test_a_queue_without_a_record_is_found_on_the_branch_that_brings_it(fleet: DemoFleet) -> None:
    brings(fleet.agent("opus-1"), "bullmq")
    (finding,) = found(fleet)
    assert "opus-1 brings bullmq (queues) in package.json" in finding.message
    command = shlex.split(finding.next)
    assert command[:3] == ["ops", "adr", "propose"]
    assert command[-1] == "Use bullmq for queues"


def test_the_working_tree_counts_and_a_choice_that_only_moves_does_not(fleet: DemoFleet) -> None:
    clone = fleet.agent("opus-1")
    (clone / "Dockerfile").write_text("FROM debian\nRUN apt-get install -y grafana\n")
    git(clone, "add", "--intent-to-add", "Dockerfile")
    assert [f.message.split(" in ")[0] for f in found(fleet)] == ["opus-1 brings grafana (observability)"]
    commit(clone, "Dockerfile", "FROM debian\nRUN apt-get install -y grafana\n")
    git(clone, "update-ref", "refs/remotes/origin/main", "HEAD")
    (clone / "Dockerfile").write_text("FROM debian:13\nRUN apt-get install --yes grafana\n")
    assert not found(fleet)


def test_a_record_that_names_the_choice_settles_it(fleet: DemoFleet) -> None:
    brings(fleet.agent("opus-1"), "bullmq")
    title = shlex.split(found(fleet)[0].next)[-1]
    ADR_PROPOSE.run(context(fleet, "opus-1"), ADR_PROPOSE.params.of({"title": title}))
    assert not found(fleet)


@pytest.mark.parametrize("fault", ["no origin", "broken"])
def test_a_clone_that_cannot_be_compared_is_unknown_and_hides_no_other(fleet: DemoFleet, fault: str) -> None:
    brings(fleet.agent("opus-1"), "bullmq")
    other = fleet.agent("opus-2")
    if fault == "broken":
        (other / ".git" / "HEAD").write_text("nothing")
    else:
        git(other, "remote", "remove", "origin")
    (unknown,) = found(fleet, "changes_unknown")
    assert "opus-2" in unknown.message
    assert len(found(fleet)) == 1
