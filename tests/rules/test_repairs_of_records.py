"""What the pages on incidents, decisions and indexes say to do repairs the problem and loses nothing."""

import re
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from mcp_server.records.research import FOLDER
from tests.fixtures.stand_in_gemini import StandInGemini
from tests.records.test_research import GOOD
from tests.rules.runbook_pages import output, run, run_all, steps, variables


def test_a_missing_row_is_appended_and_every_other_byte_stays(own_demo_fleet: DemoFleet) -> None:
    about = variables("incident-without-row")
    index = own_demo_fleet.agent("ops-1") / "docs/support/incidents/INDEX.md"
    before = index.read_text()
    run_all("incident-without-row", "Resolution", own_demo_fleet, about)
    assert index.read_text() == before + (
        f"| 2026-11-18 | [{about['FILE']}]({about['FILE']}) | Stale mount in test-2 |\n"
    )
    shown = [run(step, own_demo_fleet, about).stdout for step in steps("incident-without-row", "Verification")]
    assert "index_row_missing" not in shown[0]
    assert "1 insertion(+)" in shown[1]
    assert "deletion" not in shown[1]
    run_all("incident-without-row", "Rollback", own_demo_fleet, about)
    assert index.read_text() == before


def test_a_lost_file_comes_back_as_it_was(own_demo_fleet: DemoFleet) -> None:
    about, clone = variables("row-without-file"), own_demo_fleet.agent("ops-1")
    before = git(clone, "show", f"origin/main:{about['FILE']}")
    run_all("row-without-file", "Resolution", own_demo_fleet, about)
    assert (clone / about["FILE"]).read_text().strip() == before.strip()
    assert "index_file_missing" not in run(steps("row-without-file", "Verification")[0], own_demo_fleet, about).stdout


def test_an_incident_is_opened_and_committed_by_the_page(own_demo_fleet: DemoFleet) -> None:
    about = variables("open-an-incident")
    opening, committing = steps("open-an-incident", "Resolution")
    run(opening, own_demo_fleet, about)
    (shown,) = run_all("open-an-incident", "Verification", own_demo_fleet, about)
    assert "jobs-stand-still" in shown
    assert " M docs/support/incidents/INDEX.md" in shown
    (name,) = (line.split("/")[-1].removesuffix(".md") for line in shown.splitlines() if "jobs-stand-still" in line)
    about = {**variables("update-an-incident"), "ID": name}
    assert "Committed: " in run(committing, own_demo_fleet, about).stdout
    assert "**acknowledged**" in "".join(run_all("update-an-incident", "Resolution", own_demo_fleet, about))
    assert name in "".join(run_all("update-an-incident", "Diagnosis", own_demo_fleet, about))


def test_two_rows_that_conflict_both_stay(fleet: DemoFleet) -> None:
    about, clone = variables("index-merge-conflict"), fleet.agent("opus-1")
    index = clone / about["INDEX"]
    before = index.read_text()
    (clone / ".git/info/attributes").write_text(f"{about['INDEX']} merge\n")  # as in a repository without our rule
    for branch, row in (
        ("theirs", "| 2026-11-20 | [a.md](a.md) | a |\n"),
        ("ours", "| 2026-11-21 | [b.md](b.md) | b |\n"),
    ):
        git(clone, "switch", "--quiet", "-c", f"opus/{branch}", "origin/main")
        index.write_text(before + row)
        git(clone, "commit", "--quiet", "--all", f"--message={branch}")
    with pytest.raises(Exception):  # noqa: B017, PT011
        git(clone, "merge", "opus/theirs")
    assert output("index-merge-conflict", "Diagnosis", 0, fleet, about) == about["INDEX"] + "\n"
    run_all("index-merge-conflict", "Resolution", fleet, about)
    assert sorted(index.read_text().removeprefix(before).splitlines()) == [
        "| 2026-11-20 | [a.md](a.md) | a |",
        "| 2026-11-21 | [b.md](b.md) | b |",
    ]
    assert output("index-merge-conflict", "Verification", 0, fleet, about) == "0\n"
    assert git(clone, "status", "--porcelain") == ""
    run_all("index-merge-conflict", "Rollback", fleet, about)


def test_a_number_that_was_taken_twice_is_given_up_by_the_younger(fleet: DemoFleet) -> None:
    folder = "docs/systems/adr"
    about = {**variables("adr-number-clash"), "FILE": f"{folder}/0003-second.md", "NEW": f"{folder}/0004-second.md"}
    clone = fleet.agent("opus-1")
    (clone / about["FILE"]).write_text("# 3. Second\n")
    git(clone, "add", about["FILE"])
    git(clone, "commit", "--quiet", "--message=a second third")
    assert output("adr-number-clash", "Diagnosis", 0, fleet, about) == "0003\n"
    run_all("adr-number-clash", "Resolution", fleet, about)
    assert output("adr-number-clash", "Verification", 0, fleet, about) == ""
    assert (clone / about["NEW"]).read_text() == "# 3. Second\n"
    run_all("adr-number-clash", "Rollback", fleet, about)
    assert (clone / about["FILE"]).exists()


def test_a_decision_is_proposed_and_stands_without_a_finding(fleet: DemoFleet) -> None:
    about = variables("propose-a-decision")
    run_all("propose-a-decision", "Resolution", fleet, about)
    assert "0004" in "".join(run_all("propose-a-decision", "Verification", fleet, about))


def test_a_corrected_index_is_committed_alone(fleet: DemoFleet) -> None:
    about, clone = {**variables("index-table-broken"), "AGENT": "ops-1"}, fleet.agent("ops-1")
    index = clone / "docs/support/ops/INDEX.md"
    index.write_text(index.read_text() + "| Lost | [x](README.md) |\n")
    (clone / "other.md").write_text("not mine\n")
    run_all("index-table-broken", "Resolution", fleet, about)
    assert git(clone, "status", "--porcelain") == "?? other.md"
    run_all("index-table-broken", "Rollback", fleet, about)


def test_rows_that_rotted_away_are_appended(fleet: DemoFleet) -> None:
    about, clone = variables("docs-have-rotted"), fleet.agent("ops-1")
    (clone / "docs/support/ops/lost-page.md").write_text("# A page nobody finds\n")
    assert "lost-page.md has no row" in output("docs-have-rotted", "Diagnosis", 0, fleet, about)
    run_all("docs-have-rotted", "Resolution", fleet, about)
    assert "lost-page.md has no row" not in output("docs-have-rotted", "Verification", 0, fleet, about)


def test_a_solved_problem_becomes_a_page_that_the_index_finds(own_demo_fleet: DemoFleet) -> None:
    about = variables("write-a-runbook")
    assert "Nothing documented" in output("write-a-runbook", "Diagnosis", 0, own_demo_fleet, about)
    (added,) = run_all("write-a-runbook", "Resolution", own_demo_fleet, about)
    found, status = run_all("write-a-runbook", "Verification", own_demo_fleet, about)
    assert about["TITLE"] in found.splitlines()[0]
    assert [line.split()[0] for line in status.splitlines()] == ["M", "??"]
    assert "INDEX row: |" in added


def test_a_release_takes_its_next_step_and_records_it(fleet: DemoFleet) -> None:
    about, clone = variables("release"), fleet.agent("ops-1")
    check = "   ```sh read-only\n   true\n   ```\n"
    (clone / "docs" / "support" / "releasing.md").write_text(f"# Releasing\n\n1. Clean.\n\n{check}")
    planned = output("release", "Diagnosis", 0, fleet, about)
    about["VERSION"], about["PLAN"] = re.findall(r"--version (\S+) --plan (\w+)$", planned, re.MULTILINE)[0]
    assert "step 1 passed" in output("release", "Resolution", 0, fleet, about)
    assert "git -C" in output("release", "Verification", 0, fleet, about)
    assert (clone / "docs" / "support" / "releases" / f"{about['VERSION']}.md").exists()


def test_a_topic_is_researched_by_the_page(fleet: DemoFleet, tmp_path: Path) -> None:
    gemini = StandInGemini(tmp_path / "gemini", GOOD)
    about = {**variables("research-a-topic"), "OPS_GEMINI": str(gemini.path)}
    run_all("research-a-topic", "Resolution", fleet, about)
    assert (fleet.agent("ops-1") / FOLDER / "queues.md").read_text().endswith(GOOD)
    assert "queues.md:" not in output("research-a-topic", "Verification", 0, fleet, about)
