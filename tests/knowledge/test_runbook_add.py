"""`runbook_add`: a page in the form and its row, in the caller's own clone, or a refusal that wrote nothing."""

from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.errors import OpsError
from mcp_server.knowledge.index_check import INDEX_CHECK
from mcp_server.knowledge.index_check import CheckParams as IndexParams
from mcp_server.knowledge.runbook import parse
from mcp_server.knowledge.runbook_add import RUNBOOK_ADD, Added, AddParams
from tests.audit.test_docs_check import context
from tests.fixtures.clones import git
from tests.knowledge.test_docs_fix import OPS, bytes_below, without

TOLD = {
    "title": "Espresso machine leaks | twice",
    "symptoms": ["E42: descaler *missing*", "puddle under the machine"],
    "diagnosis": "1. Look.\n\n```\nls -l /dev\n```\n\nExpected: a line",
    "resolution": "Descale it with `incident_open` at hand.\n```\necho descale\n```\nExpected: descale",
}


def add(fleet: DemoFleet, **report: object) -> Added:
    return RUNBOOK_ADD.run(context(fleet, "ops-1"), AddParams.of(TOLD | report))


def refused(fleet: DemoFleet, **report: object) -> OpsError:
    """The refusal, after which every byte is as it was."""
    before = bytes_below(fleet.agent("ops-1"))
    with pytest.raises(OpsError) as raised:
        add(fleet, **report)
    assert bytes_below(fleet.agent("ops-1")) == before
    return raised.value


def index_of(fleet: DemoFleet) -> Path:
    return fleet.agent("ops-1") / OPS / "INDEX.md"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_page_and_its_row_are_written_and_nothing_else(fleet: DemoFleet, end: str) -> None:
    index_of(fleet).write_bytes(index_of(fleet).read_bytes().replace(b"\n", end.encode()))
    before = bytes_below(fleet.agent("ops-1"))
    added = add(fleet)
    after = bytes_below(fleet.agent("ops-1"))
    assert added.path == index_of(fleet).parent / "espresso-machine-leaks-twice.md"
    page = parse("espresso-machine-leaks-twice.md", after.pop(str(added.path)).decode())
    assert (page.title, page.symptoms) == (TOLD["title"], tuple(TOLD["symptoms"]))
    assert [step.effect for section in page.sections for step in section.steps if step.command] == [
        "read-only",
        "changing",
    ]
    row = without(after.pop(str(index_of(fleet))), before.pop(str(index_of(fleet)))).decode()
    assert row == (
        "| Espresso machine leaks \\| twice | "
        f"[espresso-machine-leaks-twice.md](espresso-machine-leaks-twice.md) | Manual |{end}"
    )
    assert after == before
    checked = INDEX_CHECK.run(context(fleet, "ops-1"), IndexParams(problem="E42: descaler missing"))
    assert (checked.match, checked.results[0].title) == (True, TOLD["title"])


def test_a_problem_that_is_documented_is_pointed_out_and_not_written_again(fleet: DemoFleet) -> None:
    before = bytes_below(fleet.agent("ops-1"))
    added = add(fleet, title="Login expired, please run /login", symptoms=["OAuth token has expired"])
    assert added.duplicate
    assert "looks like" in RUNBOOK_ADD.text(added)
    assert added.looks_like[0].path in {"runbooks/access-token-expired.md", "runbooks/login-ended.md"}
    assert bytes_below(fleet.agent("ops-1")) == before
    assert add(fleet, title="Login expired, please run /login", although_known=True).path


def test_on_main_nothing_is_written(fleet: DemoFleet) -> None:
    git(fleet.agent("ops-1"), "switch", "--quiet", "main")
    assert refused(fleet).kind == "denied"


@pytest.mark.parametrize(
    ("report", "kind"),
    [
        ({"resolution": "Set ANTHROPIC_API_KEY in .env."}, "denied"),
        ({"resolution": "Reset.\n```\ngit reset --hard\n```"}, "denied"),
        ({"diagnosis": "Look.\n```\nrm -r x\n```"}, "denied"),
        ({"resolution": "Call it.\n```\nops espresso descale\n```"}, "invalid"),
        ({"title": "two\nlines"}, "invalid"),
        ({"symptoms": []}, "invalid"),
    ],
)
def test_what_no_page_may_say_is_refused(fleet: DemoFleet, report: dict[str, object], kind: str) -> None:
    assert refused(fleet, **report).kind == kind


@pytest.mark.parametrize("index", [b"no table\n", b"| Problem | \xff |\n"])
def test_an_index_that_can_take_no_row_is_refused_before_the_page_is_written(fleet: DemoFleet, index: bytes) -> None:
    index_of(fleet).write_bytes(index)
    assert "INDEX.md" in refused(fleet).message


def test_a_token_in_what_is_told_is_not_written(fleet: DemoFleet) -> None:
    canary = "sk-ant-" + "oat01-" + "c" * 40
    added = add(fleet, symptoms=[f"E42 {canary}"], meaning=f"It said {canary}")
    assert added.path
    assert "c" * 40 not in added.path.read_text()
    assert "c" * 40 not in RUNBOOK_ADD.text(added)
