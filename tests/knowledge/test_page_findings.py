"""What has rotted inside pages: links, anchors, names of tools, age, incidents that name no page."""

from pathlib import Path

import pytest

from mcp_server.audit.docs_check import DOCS_CHECK
from mcp_server.demo.fleet import DemoFleet
from mcp_server.knowledge.look_page_findings import page_faults
from mcp_server.operation.operation import Params
from tests.audit.test_docs_check import context, fresh
from tests.fixtures.clones import git

OPS, INCIDENTS = "docs/support/ops", "docs/support/incidents"


@pytest.fixture
def clone(fleet: DemoFleet) -> Path:
    return fleet.agent("ops-1")


def faults(fleet: DemoFleet) -> list[tuple[str, str]]:
    """Code, and where, or of which page."""
    found = page_faults(fresh(context(fleet, "ops-1")), fleet.agent("ops-1"))
    return [(finding.code, finding.message.split(": ")[0].split(" ")[0]) for finding in found]


def test_the_pages_of_a_healthy_clone_have_no_faults(fleet: DemoFleet) -> None:
    assert faults(fleet) == []


def test_dead_links_and_anchors_are_named_with_their_line(fleet: DemoFleet, clone: Path) -> None:
    (clone / OPS / "b.md").write_text("# A heading, *with* `code`\n\n<a id='Own'></a>\n\n# Twice\n# Twice\n")
    lines = [
        "# X",
        "[ok](b.md#a-heading-with-code) [ok](b.md#twice-1) [ok](#x) [ok](b.md#own)",
        "[web](https://x.test/)",
    ]
    dead = [
        "[gone](gone.md)",
        "[anchor](b.md#nowhere)",
        "![image](../../../../../etc/passwd)",
        "[ref][r]",
        "",
        "[r]: r.md",
    ]
    (clone / OPS / "x.md").write_text("\r\n".join([*lines, *dead]))
    assert faults(fleet) == [
        ("page_link_dead", f"{OPS}/x.md:4"),
        ("page_anchor_dead", f"{OPS}/x.md:5"),
        ("page_link_dead", f"{OPS}/x.md:6"),
        ("page_link_dead", f"{OPS}/x.md:7"),
    ]


def test_names_of_ours_that_do_not_exist_are_named_and_those_of_others_are_not(fleet: DemoFleet, clone: Path) -> None:
    good = "/ops:index_check, tool `token_check`, `ops docs check`, `ops serve`, `kubectl get pods`, /opsx:y\n"
    bad = "/ops:token_steal\n\n```sh\nops espresso descale\n```\n\nthe tool `token_burn`\n"
    (clone / OPS / "x.md").write_text(f"# X\n{good}{bad}")
    assert faults(fleet) == [("page_names_unknown", f"{OPS}/x.md:{line}") for line in (3, 6, 9)]


def test_a_page_that_was_long_not_reviewed_is_told_by_its_head_else_by_its_last_commit(
    fleet: DemoFleet, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (clone / OPS / "head.md").write_text("---\nreviewed: 2020-01-02\n---\n# Old\n")
    (clone / OPS / "fresh.md").write_text("# Not committed yet\n")
    (clone / OPS / "old.md").write_text("# Old\n")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-01-02T00:00:00Z")
    git(clone, "add", f"{OPS}/old.md")
    git(clone, "commit", "--quiet", "-m", "old")
    assert faults(fleet) == [("page_stale", f"{OPS}/{name}.md") for name in ("head", "old")]


def test_an_incident_that_names_no_page_is_told(fleet: DemoFleet, clone: Path) -> None:
    (clone / INCIDENTS / "2026-01-02-x.md").write_text("# It broke\n\nWe fixed it.\n")
    (clone / INCIDENTS / "2026-01-03-y.md").write_text("# It broke\n\nSee `disk-full`.\n")
    assert faults(fleet) == [("incident_without_runbook", f"{INCIDENTS}/2026-01-02-x.md")]


def test_archive_is_not_looked_into_and_others_pages_are_only_reported(fleet: DemoFleet, clone: Path) -> None:
    for below in (f"{OPS}/archive", "docs/design"):
        (clone / below).mkdir(exist_ok=True)
        (clone / below / "x.md").write_text("[gone](gone.md)\n")
    assert faults(fleet) == [("page_link_dead", "docs/design/x.md:1")]
    found = DOCS_CHECK.run(context(fleet, "ops-1"), Params()).findings
    assert "only reports" in next(f.next for f in found if f.code == "page_link_dead")
