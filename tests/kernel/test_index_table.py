"""INDEX tables: read in all the shapes they are met in, appended to without touching another byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.kernel.index_table import INCIDENTS, PROBLEMS, append_rows, literal, local_path, plain, read

PLAIN = """# Ops index

| Problem | Solution Doc | Command |
|---------|--------------|---------|
| OAuth expired | [oauth.md](oauth.md) | `/ops:opus_token_refresh` |
| Config drift | [config sync][sync] | Manual |

[sync]: ./config%20sync.md#steps
"""


def test_rows_come_with_text_link_target_command_and_line() -> None:
    first, second = read(PLAIN).rows(PROBLEMS)
    assert (first.line, first.cell("Problem").text) == (5, "OAuth expired")
    assert first.cell("solution doc").target == "oauth.md"
    assert first.cell("Command").codes == ("/ops:opus_token_refresh",)
    assert (second.cell("Command").text, second.cell("Solution Doc").text) == ("Manual", "config sync")
    assert local_path(second.cell("Solution Doc").target or "") == "./config sync.md"


def test_extra_columns_missing_outer_pipes_and_another_order_are_read() -> None:
    text = "Owner | Command | Problem | Solution Doc\n--|:-:|--|--\nme | Manual | it `a \\| b` fails | a.md\n"
    (row,) = read(text).rows(PROBLEMS)
    assert (row.cell("Problem").text, row.cell("Solution Doc").target) == ("it a | b fails", "a.md")
    assert row.width == 4


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(end: str, mark: str) -> None:
    text = mark + "| Date | File | Summary |\n|--|--|--|\n| 2026-01-02 | [f](f.md) | 🔥 |\n".replace("\n", end)
    (row,) = read(text).rows(INCIDENTS)
    assert (row.line, row.cell("Summary").text) == (3, "🔥")
    after = append_rows(text, read(text).of(INCIDENTS)[0], [{"Date": "d", "File": "[g](g.md)", "Summary": "s"}])
    assert after == text + f"| d | [g](g.md) | s |{end}"


def test_a_table_in_a_code_fence_is_no_table() -> None:
    assert read(f"```\n{PLAIN}```\n").tables == ()


def test_several_tables_are_all_found() -> None:
    text = f"## Problems & Solutions\n\n{PLAIN}\n## Runbooks\n\n{PLAIN}"
    assert [row.cell("Problem").text for row in read(text).rows(PROBLEMS)] == ["OAuth expired", "Config drift"] * 2


def test_a_row_without_a_newline_at_the_end_of_the_file_is_followed_by_ours_on_a_new_line() -> None:
    text = "| Date | File | Summary |\n|--|--|--|"
    after = append_rows(text, read(text).of(INCIDENTS)[0], [{"Date": "d", "Summary": "a | b"}])
    assert after == text + "\n| d |  | a \\| b |"


def test_a_table_in_a_quote_or_a_list_is_appended_to_inside_it() -> None:
    for text in ("> | Date | File | Summary |\n> |--|--|--|\n\nend\n", "* | Date | File | Summary |\n  |--|--|--|\n"):
        after = append_rows(text, read(text).of(INCIDENTS)[0], [{"Summary": "ours"}])
        assert [row.cell("Summary").text for row in read(after).rows(INCIDENTS)] == ["ours"]


def test_rows_torn_from_their_table_and_rows_of_another_width_are_told() -> None:
    text = "| Date | File | Summary |\n|--|--|--|\n| 1 | a.md |\n| 2 | b.md | x | y |\n\n| 3 | c.md | z |\n"
    listing = read(text)
    assert [row.width for row in listing.rows(INCIDENTS)] == [2, 4]
    assert listing.loose == (6,)


def test_a_header_whose_rule_does_not_fit_is_loose() -> None:
    listing = read("| Date | File | Summary |\n|--|--|\n| 1 | a.md | x |\n")
    assert (listing.tables, listing.loose) == ((), (1, 2, 3))


def test_every_link_of_the_page_is_listed_with_its_line() -> None:
    links = read("# x\n\nsee [a](a.md)\nand [b](../b.md) ![i](i.png)\n\n- <https://c.test>\n").links
    assert [(link.line, link.target) for link in links] == [
        (3, "a.md"),
        (4, "../b.md"),
        (4, "i.png"),
        (6, "https://c.test"),
    ]


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("a%20b.md#x", "a b.md"),
        ("../a.md", "../a.md"),
        ("#top", None),
        ("https://x.test/a.md", None),
        ("//x.test/a", None),
        ("mailto:a@b.test", None),
        ("http://[", None),
    ],
)
def test_a_link_target_names_a_file_or_none(target: str, path: str | None) -> None:
    assert local_path(target) == path


words = st.text(st.sampled_from("ab|`*_[]()<>\\~&;#-!:.\t 🔥é"), max_size=12)
lines = st.lists(words | st.sampled_from(["|--|--|--|", "---", "```", "> | a | b |", "", "- x"]), max_size=5)


@st.composite
def indexes(draw: st.DrawFn) -> str:
    table = ["", "| Date | File | Summary |", "|--|--|--|"]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return end.join([*draw(lines), *table, *draw(lines), *draw(lines)]) + draw(st.sampled_from(["", end]))


@given(text=indexes(), cell=st.text() | words)
def test_an_appended_row_is_read_back_and_every_other_byte_stays(text: str, cell: str) -> None:
    end = "\r\n" if "\r" in text else "\n"
    found = read(text).of(INCIDENTS)
    if not found:
        return
    done = append_rows(text, found[0], [{"Date": "d", "File": "[x](x.md)", "Summary": literal(cell)}])
    added = next(t for t in read(done).of(INCIDENTS) if t.line == found[0].line).rows[-1]
    assert added.line == found[0].last + 1
    assert added.cell("Summary").text == " ".join(cell.replace("\0", "\ufffd").split())
    kept = text.split(end)
    ours = done.split(end)
    assert ours[: found[0].last] + ours[found[0].last + 1 :] == kept


@given(st.text() | lines.map("\n".join))
def test_any_text_has_a_listing(text: str) -> None:
    read(text)


@given(st.text() | words)
def test_what_was_escaped_is_shown_as_it_was(text: str) -> None:
    assert plain(literal(text)) == " ".join(text.split())
