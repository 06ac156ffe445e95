"""`index_check`: the right page first, the repository's own before the shipped, an honest no."""

import json
import os
from pathlib import Path

import bpe_openai
import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.document import as_json
from mcp_server.kernel.errors import OpsError
from mcp_server.knowledge.index_check import INDEX_CHECK, Checked, CheckParams, answer_all
from mcp_server.knowledge.look_rendered import shipped_runbooks
from mcp_server.operation.context import Context
from mcp_server.server.wiring import context_of

PAGE = "# {title}\n\n## What to do\n\n{text}\n"


def at(folder: Path, **environment: str) -> Context:
    return context_of({**os.environ, **environment}, folder)


def check(context: Context, problem: str, **more: object) -> Checked:
    return INDEX_CHECK.run(context, CheckParams.of({"problem": problem, **more}))


def test_without_a_fleet_the_shipped_pages_answer(tmp_path: Path) -> None:
    checked = check(at(tmp_path), "Login expired · Please run /login")
    assert checked.match
    assert (checked.results[0].path, checked.results[0].command) == ("runbooks/login-ended.md", None)
    assert any("no fleet found" in note for note in checked.unread)


def test_every_title_and_symptom_of_a_shipped_page_finds_it_first(tmp_path: Path) -> None:
    pages = shipped_runbooks(at(tmp_path).world)
    problems = {words: f"runbooks/{page.name}.md" for page in pages for words in (page.title, *page.symptoms)}
    answers = zip(problems, answer_all(at(tmp_path), CheckParams(), problems), strict=True)
    assert {name: found.results[0].path for name, found in answers if found.match} == problems


@pytest.mark.parametrize("nothing", ["error", "it does not work", "why does this fail", "error 500"])
def test_words_that_tell_nothing_match_nothing(tmp_path: Path, nothing: str) -> None:
    assert not check(at(tmp_path), nothing).match


def test_a_page_of_the_repository_goes_before_the_shipped_one_of_the_same_problem(demo_fleet: DemoFleet) -> None:
    checked = check(at(demo_fleet.root), "Agent committed on main")
    paths = [found.path for found in checked.results]
    assert paths[0] == "docs/support/ops/commits-on-main.md"
    assert "runbooks/commits-on-main.md" not in paths


def test_the_words_and_the_command_of_an_index_row_belong_to_its_page(demo_fleet: DemoFleet) -> None:
    checked = check(at(demo_fleet.root), "Agent config out of step with the master, MCP server missing")
    assert (checked.results[0].path, checked.results[0].command) == (
        "docs/support/ops/config-sync.md",
        "/ops:config_sync",
    )


def test_a_page_done_by_hand_has_no_command(demo_fleet: DemoFleet) -> None:
    found = check(at(demo_fleet.root), "Tester container does not start").results[0]
    assert found.command is None
    assert found.path == "docs/support/ops/docker-tester.md"


def test_an_operated_page_answers_to_the_symptoms_of_the_one_it_stands_for(
    demo_fleet: DemoFleet,
) -> None:
    checked = check(at(demo_fleet.root), "on_main")
    assert checked.match
    assert checked.results[0].path == "docs/support/ops/commits-on-main.md"
    assert "runbooks/commits-on-main.md" not in [found.path for found in checked.results]


def test_an_incident_is_told_as_seen_before_and_after_the_pages(demo_fleet: DemoFleet) -> None:
    checked = check(at(demo_fleet.root), "copies of one login: the first refresh logged out eleven agents")
    seen = [found.seen_before for found in checked.results]
    assert True in seen
    assert seen == sorted(seen)


def test_the_callers_own_clone_is_asked_first(fleet: DemoFleet) -> None:
    page = fleet.agent("pm-1") / "docs/support/ops/espresso.md"
    page.write_text(PAGE.format(title="Espresso machine leaks", text="Descale it."))
    assert not check(at(fleet.root), "espresso machine leaks").match
    assert check(at(fleet.agent("pm-1")), "espresso machine leaks").match
    assert check(at(fleet.root, AGENT_NAME="pm-1"), "espresso machine leaks").match


def test_ai_docs_archive_and_readme_are_not_searched(fleet: DemoFleet) -> None:
    ops = fleet.agent("ops-1") / "docs/support/ops"
    (ops / "archive").mkdir()
    for path in (ops / "archive" / "old.md", ops / "ai_docs" / "notes.md", ops / "README.md"):
        path.write_text(PAGE.format(title="Espresso machine leaks", text="Descale it."))
    assert not check(at(fleet.root), "espresso machine leaks").match


def test_nothing_documented_is_said_and_an_incident_is_offered(tmp_path: Path) -> None:
    checked = check(at(tmp_path), "the espresso machine leaks descaling fluid")
    assert not checked.match
    assert not INDEX_CHECK.ok(checked)
    assert "/ops:incident_open" in (checked.next or "")
    assert "nothing documented" in INDEX_CHECK.text(checked).lower()


def test_a_page_that_cannot_be_read_is_named_and_the_others_still_answer(fleet: DemoFleet) -> None:
    broken = fleet.agent("ops-1") / "docs/support/ops/latin.md"
    broken.write_bytes(b"# Caf\xe9\n")
    checked = check(at(fleet.root), "Tester container does not start")
    assert checked.match
    assert any("latin.md" in note for note in checked.unread)


@pytest.mark.parametrize(
    "table", ["| Problem |\n|---|\n| x |\n", "no table\n", "| Problem | Solution Doc | Command |\n"]
)
def test_a_broken_index_hides_no_page(fleet: DemoFleet, table: str) -> None:
    (fleet.agent("ops-1") / "docs/support/ops/INDEX.md").write_text(table)
    assert check(at(fleet.root), "docker tester").match


def test_the_answer_is_bounded_and_plain_json(demo_fleet: DemoFleet) -> None:
    checked = check(at(demo_fleet.root), "login " * 3_000, limit=20)
    document = as_json(checked)
    assert isinstance(document, dict)
    assert len(checked.results) <= 20
    assert all(len(found.excerpt) <= 300 for found in checked.results)


def test_an_answer_from_wordy_pages_is_short_and_what_to_act_on_comes_first(tmp_path: Path) -> None:
    for number in range(30):
        text = f"The queue of worker {number} grows and grows. " * 50
        (tmp_path / f"queue-{number}.md").write_text(
            f"# Queue {number} {'grows ' * 200}\n\n## {'Why ' * 200}\n\n{text}\n"
        )
        (tmp_path / f"latin-{number}.md").write_bytes(b"\xe9")
    document = as_json(check(at(tmp_path), "the queue of a worker grows", docs=["."]))
    assert len(bpe_openai.get_encoding("o200k_base").encode(json.dumps(document))) <= 1_200
    assert isinstance(document, dict)
    assert isinstance(results := document["results"], list)
    assert isinstance(first := results[0], dict)
    assert list(first) == ["title", "command", "path", "section", "excerpt", "score", "seen_before"]


def test_folders_of_other_pages_are_searched_in_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "a" / "deep").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "deep" / "disk.md").write_text(PAGE.format(title="Disk full", text="Remove old clones."))
    (tmp_path / "b" / "queue.md").write_text(PAGE.format(title="Queue grows", text="Start workers."))
    context = at(tmp_path)
    assert check(context, "disk full", docs=["a"]).results[0].path == "deep/disk.md"
    assert check(context, "queue grows", docs=["a", "b"]).results[0].path == "b/queue.md"
    assert not check(context, "Login expired", docs=["a"]).match


def test_a_folder_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(OpsError, match="there is no folder") as raised:
        check(at(tmp_path), "disk full", docs=["nowhere"])
    assert raised.value.kind == "not_found"


def test_many_problems_get_their_answers_in_order(tmp_path: Path) -> None:
    params = CheckParams(limit=1)
    answers = list(answer_all(at(tmp_path), params, ["Login expired", "", "No space left on device"]))
    assert [answer.match for answer in answers] == [True, False, True]
    assert answers[2].results[0].path == "runbooks/disk-full.md"


def test_a_blank_problem_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OpsError) as raised:
        check(at(tmp_path), "  ")
    assert raised.value.kind == "invalid"
