"""The form of a decision record, the next number, and chains that both ends know."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mcp_server.demo.history import TEMPLATE
from mcp_server.kernel.caller_text import block, line
from mcp_server.kernel.index_table import literal, row_text
from mcp_server.knowledge.index_rows import record_cells, record_columns
from mcp_server.records.decision import parse
from mcp_server.records.decision_checks import inconsistencies
from mcp_server.records.decision_name import form_of, next_number, number_of, parts_of
from mcp_server.records.decision_page import NewDecision, render
from mcp_server.records.decision_template import MADR, outline_of, template_in

README = Path(TEMPLATE / "repository/docs/systems/adr/README.md").read_text()
words = st.text(st.sampled_from("#`~-=<!> \t\n|*[]()ab:'\"{}\\é🔥")) | st.text()


def proposal(
    title: str = "Queue in Redis", context: str = "", decision: str = "", links: tuple[str, ...] = ()
) -> NewDecision:
    heading, day = literal(line(title)), date(2026, 3, 2)
    name = form_of(()).following(4, heading, day)
    return NewDecision(name, 4, heading, day, "ops-1", block(context), block(decision), "", links)


def test_the_template_of_the_readme_is_filled_in() -> None:
    text = render(template_in(README) or "", proposal(context="Too slow.", links=("[a](../a.md)",)))
    assert text == (
        "# 0004. Queue in Redis\n\n- Status: proposed\n- Date: 2026-03-02\n"
        "- Deciders: to be named (proposed by ops-1)\n\n## Context\n\nToo slow.\n\n## Decision\n\n## Consequences\n\n"
        "## Links\n\n- [a](../a.md)\n"
    )


def test_without_a_template_it_is_madr() -> None:
    assert template_in("# Decisions\n\n```sh\n# not a form\n```\n") is None
    text = render(MADR, proposal(context="Too slow.", decision="Redis."))
    assert text.startswith(
        "---\nstatus: proposed\ndate: 2026-03-02\ndecision-makers: to be named (proposed by ops-1)\n---\n"
    )
    assert "\n# Queue in Redis\n" in text
    assert "## Context and Problem Statement\n\nToo slow.\n" in text
    assert "## Decision Outcome\n\nRedis.\n" in text


@given(words, words)
def test_any_text_stays_in_its_section(context: str, decision: str) -> None:
    text = render(template_in(README) or "", proposal(context=context, decision=decision))
    tokens = MarkdownIt("commonmark").parse(text)
    headings = [tokens[n + 1].content for n, t in enumerate(tokens) if t.type == "heading_open" and not t.level]
    assert headings == ["0004. Queue in Redis", "Context", "Decision", "Consequences"]


@given(words.filter(lambda title: bool(line(title))))
def test_any_title_gives_a_name_with_the_number_and_one_row(title: str) -> None:
    new = proposal(title)
    assert number_of(new.name) == 4
    assert new.name.isascii()
    cells = record_cells(new.name, new.title, new.day, "Title")
    assert "\n" not in row_text(("#", "Title", "Status"), cells)


@pytest.mark.parametrize(
    ("names", "following"),
    [
        ((), "0001-use-a-bucket.md"),
        (("0009-a.md", "0003-b.md", "README.md"), "0010-use-a-bucket.md"),
        (("9999-a.md",), "10000-use-a-bucket.md"),
        (("12-a.md",), "13-use-a-bucket.md"),
        (("9-a.md",), "10-use-a-bucket.md"),
        (("ADR-0007-a.md",), "ADR-0008-use-a-bucket.md"),
        (("adr-007-a.md", "adr-template.md"), "adr-008-use-a-bucket.md"),
        (("ADR007-a.md",), "ADR008-use-a-bucket.md"),
        (("0007_a.md", "0008_b_c.md"), "0009_use_a_bucket.md"),
        (("0000-template.md", "0001-a.md", "2026-03-01-minutes.md"), "0002-use-a-bucket.md"),
        (("20260301-a.md", "20260401-b.md"), "20260302-use-a-bucket.md"),
        (("2026-03-01-a.md",), "2026-03-02-use-a-bucket.md"),
        (("2026-13-41-a.md",), "2027-use-a-bucket.md"),
    ],
)
def test_a_new_record_is_named_like_those_beside_it(names: tuple[str, ...], following: str) -> None:
    assert form_of(names).following(next_number(names), "Use a bucket", date(2026, 3, 2)) == following


def test_a_template_and_a_page_are_no_records() -> None:
    assert [
        name for name in ("0000-template.md", "ADR-000-template.md", "template.md", "a.md") if parts_of(name)
    ] == []
    assert number_of("0012-choose-a-template.md") == 12


FORMS = {
    "adr-tools": (
        "# 2. Use two queues\n\nDate: 2026-01-02\n\n## Status\n\nAccepted\n\n## Context\n\nC.\n\n## Decision\n\nD.\n",
        "# 4. Queue in Redis\n\nDate: 2026-03-02\n\n## Status\n\nProposed\n\n## Context\n\nSlow.\n\n## Decision\n",
    ),
    "log4brains": (
        "# Use two queues\n\n- Status: accepted\n- Date: 2026-01-02\n- Tags: dev\n\n## Context\n\nC.\n",
        "# Queue in Redis\n\n- Status: proposed\n- Date: 2026-03-02\n\n## Context\n\nSlow.\n",
    ),
    "MADR": (
        "---\nstatus: accepted\ndate: 2026-01-02\ntags: [a]\n---\n\n# Use two queues\n\n## Context\n\nC\n",
        "---\nstatus: proposed\ndate: 2026-03-02\n---\n\n# Queue in Redis\n\n## Context\n\nSlow.\n",
    ),
    "a house form": (
        "# ADR-002: Two queues\n\n| Status | Accepted |\n|--|--|\n| Date | 2026-01-02 |\n\n## Context\n\nC.\n",
        "# ADR-004: Queue in Redis\n\n| Status | Proposed |\n|--|--|\n| Date | 2026-03-02 |\n\n## Context\n\nSlow.\n",
    ),
}


@pytest.mark.parametrize(("record", "expected"), FORMS.values(), ids=FORMS)
def test_without_a_template_a_record_has_the_form_of_the_last_one(record: str, expected: str) -> None:
    assert render(outline_of([record]) or "", proposal(context="Slow.")) == expected
    assert parse("0002-x.md", record).state == "accepted"
    assert parse("0004-x.md", expected).state == "proposed"
    assert parse("0004-x.md", expected).title == "Queue in Redis"


def test_two_records_that_share_a_title_and_one_heading_share_no_form() -> None:
    one, two = "# Queue\n\n## Status\n\nA\n", "# Queue\n\n## Status\n\nB\n\n## Context\n\n## Decision\n"
    found = outline_of([one, two]) or ""
    assert [line for line in found.splitlines() if line] == ["# Title", "## Status", "## Context", "## Decision"]


def test_what_two_records_share_is_kept() -> None:
    one = "---\nlayout: page\nowner: a\n---\n# 1. A\n\n## Status\n\nAccepted\n\n## Context\n\n## Only here\n"
    two = "---\nlayout: page\nowner: b\n---\n# 2. B\n\n## Status\n\nAccepted\n\n## Context\n\n## Or here\n"
    text = render(outline_of([one, two]) or "", proposal())
    assert text == "---\nlayout: page\n---\n\n# 4. Queue in Redis\n\n## Status\n\nProposed\n\n## Context\n"


def test_the_template_of_adr_tools_is_filled_in() -> None:
    template = "# NUMBER. TITLE\n\nDate: DATE\n\n## Status\n\nSTATUS\n\n## Context\n\nThe issue motivating this\n"
    filled = render(template, proposal(context="Slow."))
    assert filled == "# 4. Queue in Redis\n\nDate: 2026-03-02\n\n## Status\n\nProposed\n\n## Context\n\nSlow.\n"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("✅ Accepted", "accepted"),
        ("**Approved** by the team", "accepted"),
        ("In review", "proposed"),
        ("Draft", "proposed"),
        ("Superceded by [3. B](0003-b.md)", "superseded"),
        ("Accepted\n\nSuperceded by [3. B](0003-b.md)", "superseded"),
        ("Accepted\n\nSupercedes [1. A](0001-a.md)", "accepted"),
        ("<!-- one of: proposed, accepted -->\nAccepted", "accepted"),
        ("maybe", None),
    ],
)
def test_a_status_is_read_as_people_and_tools_write_it(status: str, state: str | None) -> None:
    assert parse("0002-x.md", f"# 2. X\n\n## Status\n\n{status}\n\n## Context\n").state == state


def test_a_supersession_is_followed_by_file_name_where_records_have_no_number() -> None:
    old = "# A\n\n- Status: superseded by [20260401-b](20260401-b.md)\n"
    new = "# B\n\n- Status: accepted\n\nSupersedes [20260301-a](20260301-a.md).\n"
    records = [parse("20260301-a.md", old), parse("20260401-b.md", new)]
    assert inconsistencies(records) == ()
    alone = [parse("20260301-a.md", old), parse("20260401-b.md", new.partition("Supersedes")[0])]
    assert [found.code for found in inconsistencies(alone)] == ["adr_chain_broken"]


def test_an_index_names_the_file_in_the_column_it_has_for_that() -> None:
    assert record_columns("| # | Decision | Status |\n|--|--|--|\n") == ("Decision", "Decision")
    assert record_columns("| Date | File |\n|--|--|\n") == ("File", "File")
    assert record_columns("no table") is None


CHAINS = {
    "whole": (("accepted", "Supersedes 0002."), ("superseded by 0001", ""), ()),
    "the later one does not say so": (("accepted", ""), ("superseded by 0001", ""), ("adr_chain_broken",)),
    "the earlier one does not say so": (("accepted", "Supersedes 0002."), ("accepted", ""), ("adr_chain_broken",)),
    "not there": (("accepted", ""), ("superseded by 0009", ""), ("adr_chain_broken",)),
    "by whom": (("accepted", ""), ("superseded", ""), ("adr_chain_broken",)),
    "no state": (("", ""), ("maybe", ""), ("adr_status_unclear", "adr_status_unclear")),
    "a proposal supersedes nothing yet": (("proposed", "Supersedes 0002."), ("accepted", ""), ()),
}


@pytest.mark.parametrize(("first", "second", "codes"), CHAINS.values(), ids=CHAINS.keys())
def test_a_supersession_must_be_stated_by_both_records(
    first: tuple[str, str], second: tuple[str, str], codes: tuple[str, ...]
) -> None:
    records = [
        parse(f"000{n}-x.md", f"# 000{n}. X\n\n- Status: {status}\n\n## Context\n\n{text}\n")
        for n, (status, text) in enumerate((first, second), 1)
    ]
    assert tuple(finding.code for finding in inconsistencies(records)) == codes


def test_a_comment_in_code_is_not_the_title_of_a_record() -> None:
    text = "```sh\n# 0009. Restart\n```\n\n# 0001. Serve port 80: yes\n\nStatus: **accepted**\n"
    assert (parse("0001-x.md", text).title, parse("0001-x.md", text).status) == ("Serve port 80: yes", "accepted")


def test_a_number_that_is_used_twice_is_found_and_a_status_below_a_heading_is_read() -> None:
    records = [parse(f"0001-{name}.md", f"# {name}\n\n## Status\n\nAccepted\n") for name in "ab"]
    assert [finding.code for finding in inconsistencies(records)] == ["adr_number_twice"]
    assert records[0].status == "Accepted"
