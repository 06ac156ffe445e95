"""`incident_open` with awkward titles, in clones and folders that cannot take an incident: told, and nothing lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.index_table import INCIDENTS, read
from mcp_server.workflow.branch_start import BRANCH_START, StartParams
from tests.fixtures.incidents import FOLDER, at, changed, context, index_of, open_incident, refused

AWKWARD = (
    "x" * 200,
    "/etc/passwd",
    "a | b || c \\| d \\",
    "`rm -rf /` [x](javascript:alert) <script> **b** --- $(id)",
    "🔥💥",
    "\u202eשלום עולם",
    "日本語のタイトル",
    "---",
    "con.md",
)


def test_any_title_gives_one_file_in_the_folder_and_one_row(fleet: DemoFleet) -> None:
    clone, ctx, day = fleet.agent("ops-1"), context(fleet), datetime(2026, 3, 2, tzinfo=UTC)
    rows = read(index_of(clone).read_text()).rows(INCIDENTS)
    for number, title in enumerate(AWKWARD, 1):
        answer = open_incident(at(ctx, day + timedelta(days=2 * number)), title)
        after = read(index_of(clone).read_text())
        assert (answer.path.parent, answer.path.is_file()) == (clone / FOLDER, True)
        assert after.rows(INCIDENTS)[: len(rows)] == rows
        assert (len(after.rows(INCIDENTS)), after.rows(INCIDENTS)[-1].width) == (len(rows) + number, 3)
        assert after.loose == ()
        assert len(changed(clone)) == number + 1


NO_TITLES = {
    "empty": "",
    "blank": " \t ",
    "invisible": "\x00\u200b",
    "long": "x" * 10_000,
    "path": "../../../etc/passwd",
    "lines": "one\ntwo\r\n| 2020-01-01 | x.md | forged |",
    "terminal": "a\x1b[31mc",
}


@pytest.mark.parametrize("title", NO_TITLES.values(), ids=NO_TITLES.keys())
def test_an_invalid_title_is_refused_and_nothing_is_written(fleet: DemoFleet, title: str) -> None:
    assert refused(context(fleet), title=title).kind == "invalid"
    assert changed(fleet.agent("ops-1")) == []


def test_an_unknown_agent_is_named_and_nothing_is_written(fleet: DemoFleet) -> None:
    with pytest.raises(OpsError, match="opus-99") as error:
        open_incident(context(fleet), agents=["opus-1", "opus-99"])
    assert error.value.kind == "not_found"
    assert changed(fleet.agent("ops-1")) == []


@pytest.mark.parametrize("where", [["main"], ["--detach", "main"]])
def test_a_clone_on_main_or_on_no_branch_is_refused_and_the_next_step_keeps_its_work(
    fleet: DemoFleet, where: list[str]
) -> None:
    clone = fleet.agent("ops-1")
    git(clone, "switch", "--quiet", *where)
    (clone / "work.txt").write_text("not committed")
    error = refused(context(fleet))
    assert (error.kind, changed(clone)) == ("denied", ["?? work.txt"])
    assert error.next == "ops --agent ops-1 branch start"
    BRANCH_START.run(context(fleet), StartParams())
    open_incident(context(fleet))
    assert (clone / "work.txt").read_text() == "not committed"


def test_a_missing_folder_is_not_found_and_not_created(fleet: DemoFleet) -> None:
    clone = fleet.agent("ops-1")
    git(clone, "rm", "-r", "--quiet", FOLDER)
    error = refused(context(fleet))
    assert (error.kind, (clone / FOLDER).exists()) == ("not_found", False)
    assert FOLDER in error.next


def test_a_folder_that_is_a_link_is_refused(fleet: DemoFleet, tmp_path: Path) -> None:
    clone, outside = fleet.agent("ops-1"), tmp_path / "outside"
    outside.mkdir()
    git(clone, "rm", "-r", "--quiet", FOLDER)
    (clone / FOLDER).symlink_to(outside)
    assert refused(context(fleet)).kind == "invalid"
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    ("index", "why"),
    [
        (None, "there is no"),
        (b"# Incidents\n\n- one\n", "no table"),
        (b"| Date | File | Summary |\n|--|--|--|\n| \xff |\n", "not UTF-8"),
    ],
)
def test_an_index_without_a_fitting_table_is_noted_and_unchanged(
    fleet: DemoFleet, index: bytes | None, why: str
) -> None:
    path = index_of(fleet.agent("ops-1"))
    path.unlink() if index is None else path.write_bytes(index)
    answer = open_incident(context(fleet))
    assert answer.path.is_file()
    assert answer.index_row is None
    assert why in (answer.note or "")
    assert (path.read_bytes() if path.exists() else None) == index
