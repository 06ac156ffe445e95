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
from mcp_server.records.decision import next_number, number_of, parse
from mcp_server.records.decision_checks import inconsistencies
from mcp_server.records.decision_page import MADR, NewDecision, render, template_in

README = Path(TEMPLATE / "repository/docs/systems/adr/README.md").read_text()
words = st.text(st.sampled_from("#`~-=<!> \t\n|*[]()ab:'\"{}\\é🔥")) | st.text()


def proposal(
    title: str = "Queue in Redis", context: str = "", decision: str = "", links: tuple[str, ...] = ()
) -> NewDecision:
    return NewDecision(
        "0004", literal(line(title)), date(2026, 3, 2), "ops-1", block(context), block(decision), "", links
    )


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
    ("names", "number"),
    [
        ((), "0001"),
        (("0009-a.md", "0003-b.md", "README.md"), "0010"),
        (("9999-a.md",), "10000"),
        (("12-a.md",), "0013"),
    ],
)
def test_the_next_number_is_one_more_than_the_highest(names: tuple[str, ...], number: str) -> None:
    assert next_number(names) == number


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
