"""`runbook_read`: a page as structure, bounded; an unknown name is answered with the nearest."""

import os
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.document import as_json
from mcp_server.kernel.errors import OpsError
from mcp_server.knowledge.runbook_read import RUNBOOK_READ, PageRead, ReadParams
from mcp_server.server.wiring import context_of


def read(folder: Path, name: str, section: str | None = None) -> PageRead:
    return RUNBOOK_READ.run(context_of(os.environ, folder), ReadParams(name=name, section=section))


def refused(folder: Path, name: str, section: str | None = None) -> OpsError:
    with pytest.raises(OpsError) as raised:
        read(folder, name, section)
    return raised.value


@pytest.mark.parametrize("name", ["login-ended", "login-ended.md", "runbooks/login-ended.md"])
def test_a_page_is_found_by_name_and_by_path(tmp_path: Path, name: str) -> None:
    page = read(tmp_path, name)
    assert page.title == "The login has ended or was emptied"
    assert page.front["severity"] == "sev1"
    assert [section.heading for section in page.sections][2] == "Diagnosis"
    step = page.sections[2].steps[0]
    assert (step.command, step.effect) == ("ops token check", "read-only")
    assert step.expected
    assert as_json(page)


def test_one_section_can_be_read_alone_in_any_case(tmp_path: Path) -> None:
    page = read(tmp_path, "config-drifted", "resolution")
    assert [section.heading for section in page.sections] == ["Resolution"]
    assert page.sections[0].steps[0].effect == "changing"


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    error = refused(tmp_path, "login-endet")
    assert error.kind == "not_found"
    assert "login-ended" in error.next
    assert "index_check" in refused(tmp_path, "espresso").next


def test_an_unknown_section_is_answered_with_those_that_are_there(tmp_path: Path) -> None:
    error = refused(tmp_path, "login-ended", "Impact")
    assert "Diagnosis" in error.next


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "\x00", "a" * 300])
def test_a_name_never_leads_out_of_the_pages(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path, name).kind == "not_found"


def test_a_page_of_the_repository_is_read_however_it_is_written(demo_fleet: DemoFleet) -> None:
    page = read(demo_fleet.root, "commits-on-main")
    assert page.path == "docs/support/ops/commits-on-main.md"
    assert page.title == "Commits on main"
    assert [section.heading for section in page.sections] == ["Commits on main", "How to tell", "What to do"]
    assert read(demo_fleet.root, "runbooks/commits-on-main.md").path == "runbooks/commits-on-main.md"


def test_an_unmarked_command_has_an_unknown_effect_and_a_broken_head_hides_no_page(fleet: DemoFleet) -> None:
    page = fleet.agent("ops-1") / "docs/support/ops/odd.md"
    page.write_text("---\ntitle: [a\n---\n# Odd\n\nRun it.\n\n```sh\nreboot\n```\n")
    (step,) = read(fleet.root, "odd").sections[0].steps
    assert (step.text, step.command, step.effect) == ("Run it.", "reboot", "unknown")


def test_a_huge_page_is_bounded_and_says_what_it_left_out(fleet: DemoFleet) -> None:
    page = fleet.agent("ops-1") / "docs/support/ops/huge.md"
    page.write_text("".join(f"# Part {n}\n\n{'word ' * 1_000}\n\n" for n in range(50)))
    answer = read(fleet.root, "huge")
    assert len(str(as_json(answer))) < 20_000
    assert answer.omitted[0] == "Part 2"
    assert "Part 2" in (answer.next or "")
    assert read(fleet.root, "huge", "Part 2").sections[0].text.startswith("word")
    page.write_text(f"# One\n\n{'word ' * 100_000}\n")
    assert len(str(as_json(read(fleet.root, "huge")))) < 20_000


def test_the_text_shows_effect_and_expected_outcome_of_each_step(tmp_path: Path) -> None:
    text = RUNBOOK_READ.text(read(tmp_path, "config-drifted"))
    assert "[read-only]\n     ops config plan" in text
    assert "[changing]" in text
    assert "Expected: " in text
