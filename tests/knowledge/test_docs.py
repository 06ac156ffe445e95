"""The indexes of a clone against its folders, both ways; looked at and never touched."""

import os
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.finding import Finding
from mcp_server.knowledge.look_index_findings import index_faults
from mcp_server.system.files import Files

OPS, INCIDENTS = "docs/support/ops", "docs/support/incidents"
PROBLEM_TABLE = "| Problem | Solution Doc | Command |\n|--|--|--|\n"
INCIDENT_TABLE = "| Date | File | Summary |\n|--|--|--|\n"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Docs with both indexes, empty and in order."""
    write(tmp_path, f"{OPS}/INDEX.md", PROBLEM_TABLE)
    write(tmp_path, f"{INCIDENTS}/INDEX.md", INCIDENT_TABLE)
    return tmp_path


def write(clone: Path, name: str, text: str = "# A page\n") -> None:
    (clone / name).parent.mkdir(parents=True, exist_ok=True)
    (clone / name).write_text(text)


def findings(clone: Path) -> tuple[Finding, ...]:
    return index_faults(Files(clone / "state"), clone)


def report(clone: Path) -> list[tuple[str, str]]:
    """Code, and where: the message up to its first blank."""
    return [(finding.code, finding.message.split(" ")[0]) for finding in findings(clone)]


def test_indexes_that_equal_their_folders_give_no_finding(clone: Path) -> None:
    write(clone, f"{OPS}/a page.md")
    write(clone, f"{OPS}/deep/b.md")
    write(clone, f"{OPS}/c.md")
    rows = "| a | [a](a%20page.md#x) | Manual |\n| b | [b][b] | Manual |\n| c | `c.md` | Manual |\n"
    write(clone, f"{OPS}/INDEX.md", f"{PROBLEM_TABLE}{rows}\n[b]: /{OPS}/deep/b.md\n")
    assert findings(clone) == ()


def test_the_planted_faults_of_the_example_are_found_and_a_healthy_clone_has_none(demo_fleet: DemoFleet) -> None:
    assert report(demo_fleet.agent("opus-1")) == []
    assert report(demo_fleet.agent("ops-1")) == [
        ("index_file_missing", f"{INCIDENTS}/INDEX.md:6:"),
        ("index_row_missing", f"{INCIDENTS}/2026-11-18-tester-mount-stale.md"),
    ]


def test_a_file_without_a_row_comes_with_the_row_to_append(clone: Path) -> None:
    write(clone, f"{OPS}/disk (full).md", "---\ntitle: Disk | full\ncommand: /ops:fleet_audit\n---\n")
    write(clone, f"{INCIDENTS}/2026-01-02-x.md", "# It broke\n")
    fix, full = "ops docs check --fix  # appends to", "[disk (full).md](disk%20%28full%29.md)"
    assert [finding.next for finding in findings(clone)] == [
        f"{fix} {OPS}/INDEX.md: | Disk \\| full | {full} | `/ops:fleet_audit` |",
        f"{fix} {INCIDENTS}/INDEX.md: | 2026-01-02 | [2026-01-02-x.md](2026-01-02-x.md) | It broke |",
    ]


def test_readme_archive_and_ai_docs_need_no_row_and_may_have_none(clone: Path) -> None:
    for name in ("README.md", "archive/old.md", "ai_docs/topic.md"):
        write(clone, f"{OPS}/{name}")
    assert findings(clone) == ()
    write(
        clone, f"{OPS}/INDEX.md", f"See [the readme](README.md).\n\n{PROBLEM_TABLE}| x | [o](archive/old.md) | - |\n"
    )
    assert report(clone) == [("index_row_forbidden", f"{OPS}/INDEX.md:5:")]


TEMPLATES = (
    *("TEMPLATE.md", "template.md", "_template.md", "incident-template.md", "YYYY-MM-DD-title.md", "templates/a.md"),
    *("draft.md", "drafts/b.md", "2026-03-01-queue.draft.md", "_index.md"),
)


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_and_drafts_are_no_pages(clone: Path, name: str) -> None:
    for folder in (OPS, INCIDENTS):
        write(clone, f"{folder}/{name}", "# INCIDENT TITLE\n\nWhat happened.\n")
    assert findings(clone) == ()
    write(clone, f"{OPS}/template-does-not-render.md")
    assert report(clone) == [("index_row_missing", f"{OPS}/template-does-not-render.md")]


def test_broken_rows_are_named_with_their_lines(clone: Path) -> None:
    write(clone, f"{OPS}/a.md")
    rows = "| a | [a](a.md) |\n| b | nothing | Manual |\n\n| torn | [a](a.md) | Manual |\n"
    write(clone, f"{OPS}/INDEX.md", PROBLEM_TABLE + rows)
    assert report(clone) == [
        ("index_row_broken", f"{OPS}/INDEX.md:6:"),
        ("index_row_broken", f"{OPS}/INDEX.md:3:"),
        ("index_row_broken", f"{OPS}/INDEX.md:4:"),
    ]


@pytest.mark.parametrize("target", ["../../../../etc/passwd", "/../x.md", "../../../..//x.md"])
def test_a_link_out_of_the_clone_is_named_and_not_followed(clone: Path, target: str) -> None:
    write(clone, f"{INCIDENTS}/INDEX.md", f"{INCIDENT_TABLE}| d | [x]({target}) | s |\n")
    assert report(clone) == [("index_link_outside", f"{INCIDENTS}/INDEX.md:3:")]


def test_links_to_the_web_and_into_the_rest_of_the_clone_are_fine(clone: Path) -> None:
    write(clone, "docs/systems/adr/0001-x.md")
    rows = "| x | [adr](../../systems/adr/0001-x.md) | Manual |\n| y | [wiki](https://x.test/a.md) | Manual |\n"
    write(clone, f"{OPS}/INDEX.md", PROBLEM_TABLE + rows)
    assert findings(clone) == ()


def test_a_folder_without_an_index_is_reported_and_none_is_made(clone: Path) -> None:
    (clone / OPS / "INDEX.md").unlink()
    (clone / INCIDENTS / "INDEX.md").unlink()
    (clone / INCIDENTS).rmdir()
    write(clone, "docs/design/a.md")
    assert [finding.code for finding in findings(clone)] == ["index_missing"] * 3
    assert not (clone / OPS / "INDEX.md").exists()
    assert not (clone / "docs/design/INDEX.md").exists()


def test_the_indexes_of_others_are_only_reported(clone: Path) -> None:
    write(clone, "docs/design/INDEX.md", "# Design\n\n- [a](a.md)\n- [gone](gone.md)\n")
    write(clone, "docs/design/a.md")
    write(clone, "docs/design/b.md")
    assert report(clone) == [
        ("index_file_missing", "docs/design/INDEX.md:4:"),
        ("index_row_missing", "docs/design/b.md"),
    ]
    assert {finding.severity for finding in findings(clone)} == {"notice"}
    assert findings(clone)[1].next == "Tell the owner of docs/design/INDEX.md: ops only reports on it"


def test_an_index_without_its_table_and_one_that_cannot_be_read_are_named(clone: Path) -> None:
    write(clone, f"{OPS}/INDEX.md", "# Ops\n\nNothing here.\n")
    (clone / INCIDENTS / "INDEX.md").write_bytes(b"\xff")
    assert [finding.code for finding in findings(clone)] == ["index_table_missing", "index_unreadable"]
    (clone / INCIDENTS / "INDEX.md").unlink()
    os.mkfifo(clone / INCIDENTS / "INDEX.md")
    assert [finding.code for finding in findings(clone)] == ["index_table_missing", "index_unreadable"]
