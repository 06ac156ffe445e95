"""Incidents and indexes that a person, an editor or a merge has changed: kept so, or refused in a sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.demo.git import git
from mcp_server.kernel.errors import OpsError
from mcp_server.knowledge.docs_fix import DOCS_FIX
from mcp_server.operation.operation import Params
from mcp_server.records.incident import record_of
from tests.fixtures.incidents import FOLDER, context, index_of, open_incident, update_incident

MERGING = (
    "<<<<<<< HEAD\n| 2026-01-01 | [a.md](a.md) | a |\n=======\n| 2026-01-01 | [b.md](b.md) | b |\n>>>>>>> theirs\n"
)


def edited(path: Path, **changes: str) -> str:
    text = path.read_text()
    for key, value in changes.items():
        old = next(line for line in text.splitlines() if line.startswith(f"{key}:"))
        text = text.replace(f"\n{old}\n", f"\n{value}\n")
    return text


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_text_and_line_endings_of_a_person_are_kept(fleet: DemoFleet, mark: str, ending: str) -> None:
    ctx = context(fleet)
    one = open_incident(ctx)
    text = edited(one.path, severity="severity: sev2  # by Ada", commander="commander: Ada\ncustomers:\n- one\n- two")
    text = mark + text.replace("## Timeline\n", "## Timeline (UTC)\n\nAda's words.\n").replace("\n", ending)
    one.path.write_bytes(text.encode())
    done = update_incident(ctx, one.id, entry="it goes on", status="mitigated", postmortem=True)
    after = one.path.read_bytes().decode()
    assert len(done.added) == 1
    assert after.count("\n") == after.count(ending)
    for line in ("severity: sev2  # by Ada", "customers:", "- two", "Ada's words.", "status: mitigated"):
        assert f"{ending}{line}{ending}" in after
    record = record_of(after)
    assert record is not None
    assert (record.status, record.entries[-1].text) == ("mitigated", "it goes on")
    assert open_incident(ctx, summary="it is worse").duplicate
    assert one.path.read_bytes().decode().count("\n") == one.path.read_bytes().decode().count(ending)


BROKEN: dict[str, Callable[[str], str]] = {
    "not YAML": lambda text: text.replace("severity: sev2", "severity: [sev2"),
    "no time": lambda text: text.replace("detected:", "seen:"),
    "merging": lambda text: text.replace("status: triggered\n", f"{MERGING}status: triggered\n"),
    "merging below": lambda text: text + MERGING,
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_page_that_cannot_be_read_is_named_and_not_replaced_by_that_of_another_clone(
    fleet: DemoFleet, how: str
) -> None:
    ctx = context(fleet)
    one = open_incident(ctx)
    update_incident(context(fleet, "opus-1"), one.id, entry="seen here too")
    broken = BROKEN[how](one.path.read_text())
    one.path.write_text(broken)
    with pytest.raises(OpsError, match=one.path.name) as error:
        update_incident(ctx, one.id, entry="it goes on")
    assert error.value.kind in ("invalid", "conflict")
    assert one.path.read_text() == broken


def test_no_row_is_put_between_two_versions_that_a_merge_left(fleet: DemoFleet) -> None:
    ctx, index = context(fleet), index_of(fleet.agent("ops-1"))
    before = index.read_text()
    index.write_text(before + MERGING)
    one = open_incident(ctx, commit=True)
    assert (one.index_row, "could not merge" in (one.note or "")) == (None, True)
    assert index.read_text() == before + MERGING
    assert git(fleet.agent("ops-1"), "show", "--format=", "--name-only", "HEAD").endswith(one.path.name)
    index.write_text(before)
    again = open_incident(ctx)
    assert (again.duplicate, index.read_text()) == (True, f"{before}{again.index_row}\n")


def test_docs_check_fix_leaves_such_an_index_alone_too(fleet: DemoFleet) -> None:
    clone = fleet.agent("ops-1")
    (index_of(clone).parent / "2026-01-01-lost.md").write_text("# Lost\n")
    index = index_of(clone)
    index.write_text(index.read_text() + MERGING)
    before = index.read_text()
    left = DOCS_FIX.run(context(fleet), Params()).left
    assert [(each.path, "could not merge" in each.why) for each in left] == [(f"{FOLDER}/INDEX.md", True)]
    assert index.read_text() == before
