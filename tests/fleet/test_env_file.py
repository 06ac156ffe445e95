"""`.env` files as dotenv, compose and the shell read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.fleet.env_file import parse


def values(text: str) -> dict[str, str]:
    return {v.name: v.value.reveal() for v in parse(text).variables}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=plain", "plain"),
        ("export A=plain", "plain"),
        ("  A = spaced out  ", "spaced out"),
        ("A=", ""),
        ("A=''", ""),
        ("A=value # a comment", "value"),
        ("A=# a comment", ""),
        ("A=url#fragment", "url#fragment"),
        ("A='single # kept' # comment", "single # kept"),
        ('A="double # kept"', "double # kept"),
        ('A="line\\nbreak \\"quoted\\" \\$HOME"', 'line\nbreak "quoted" $HOME'),
        ("A='no \\n escape'", "no \\n escape"),
        ("A=$OTHER", "$OTHER"),
        ("A=b=c", "b=c"),
        ("A='it's", "'it's"),
        ('A="never closed', '"never closed'),
    ],
)
def test_a_line_gives_the_value_that_the_shell_or_dotenv_gives(line: str, value: str) -> None:
    assert values(line) == {"A": value}
    assert values(line + "\r\n") == {"A": value}


def test_comments_blank_lines_and_a_byte_order_mark_are_not_assignments() -> None:
    found = parse("\ufeff# ANTHROPIC_API_KEY=old\r\n\r\n   \nA=1\n#B=2")
    assert (found.names, found.unread) == (("A",), ())


def test_a_quoted_value_may_span_lines_and_the_next_name_is_still_found() -> None:
    found = parse('KEY="-----BEGIN\nabc\n-----END"\nNEXT=1\n')
    assert [(v.name, v.line) for v in found.variables] == [("KEY", 1), ("NEXT", 4)]


def test_a_quote_that_is_never_closed_hides_no_later_line() -> None:
    assert parse('A="oops\nANTHROPIC_API_KEY="x"\n').names == ("A", "ANTHROPIC_API_KEY")


def test_the_last_of_two_assignments_counts() -> None:
    found = parse("A=1\nA=2\n")
    last = found.get("A")
    assert last is not None
    assert last.reveal() == "2"
    assert found.get("B") is None


def test_a_line_that_is_not_an_assignment_is_reported_by_its_number() -> None:
    assert parse("A=1\nwhat is this\nB=2\n=x\n").unread == (2, 4)


@given(st.text(max_size=300))
def test_any_text_is_parsed_without_an_error_and_no_value_is_printed(text: str) -> None:
    found = parse(text)
    assert "\x00canary" not in repr(found)
    assert all(1 <= v.line <= text.count("\n") + 1 for v in found.variables)


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z_][A-Z0-9_]{0,8}", fullmatch=True), st.from_regex(r"[\w./:+-]{1,20}", fullmatch=True)
    )
)
def test_assignments_written_one_per_line_are_read_back(wanted: dict[str, str]) -> None:
    assert values("".join(f"{name}={value}\n" for name, value in wanted.items())) == wanted
