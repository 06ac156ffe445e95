import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_layout import Layout, canonical, dump, layout_of
from mcp_server.kernel.json_text import CutOffError, parse_object

words = st.text(st.characters(codec="utf-8"), max_size=8)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
)
values: st.SearchStrategy[Json] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4), max_leaves=12
)
objects = st.dictionaries(words, values, max_size=5)
layouts = st.builds(
    Layout,
    st.sampled_from([None, "  ", "    ", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", " "]),
    st.sampled_from(["", "\n", "\r\n"]),
)


@given(objects, layouts)
def test_a_dumped_value_parses_to_itself(value: dict[str, Json], layout: Layout) -> None:
    text = dump(value, layout)
    assert parse_object(text, "it") == value == json.loads(text)
    assert list(parse_object(text, "it")) == list(value)


@given(objects, layouts)
def test_a_text_is_written_back_in_its_layout(value: dict[str, Json], layout: Layout) -> None:
    text = dump(value, layout)
    assert dump(parse_object(text, "it"), layout_of(text)) == text


@given(objects, st.sampled_from([None, 1, 2, 4]))
def test_the_layouts_of_other_writers_are_recognised(value: dict[str, Json], indent: int | None) -> None:
    for separators in ((",", ": "), (",", ":")) if indent else ((", ", ": "), (",", ":")):
        text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=False)
        assert dump(parse_object(text, "it"), layout_of(text)) == text


@pytest.mark.parametrize(
    "number", ["1", "1.0", "1e5", "1E+05", "-0", "-0.0", "0.10", "12345678901234567890", "1e-400", "1e400", "1.50"]
)
def test_a_number_is_written_as_it_was_spelled(number: str) -> None:
    text = f'{{"a": [{number}]}}\n'
    assert dump(parse_object(text, "it"), layout_of(text)) == text


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ('{"a":1,"b":2}', '{"b":2,"a":1}', True),
        ('{"a":1}', '{"a":1.0}', True),
        ('{"a":1e2}', '{"a":100}', True),
        ('{"a":1}', '{"a":true}', False),
        ('{"a":0}', '{"a":false}', False),
        ('{"a":null}', "{}", False),
        ('{"a":[1,2]}', '{"a":[2,1]}', False),
        ('{"a":"1"}', '{"a":1}', False),
        ('{"a":9007199254740993}', '{"a":9007199254740992}', True),
        ('{"a":12345678901234567890123}', '{"a":1.2345678901234568e+22}', True),
        ('{"a":1e400}', '{"a":null}', True),
        ('{"a":-0}', '{"a":0}', True),
    ],
)
def test_values_are_equal_whatever_their_spelling(one: str, other: str, equal: bool) -> None:
    assert (canonical(parse_object(one, "one")) == canonical(parse_object(other, "other"))) is equal


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        (" \n", "holds nothing but 2 blanks"),
        ("{", "is cut off"),
        ('{"a": tr', "is cut off"),
        (r'{"a": "\u00', "is cut off"),
        ('{"a": [1, {"b": "x', "is cut off"),
        ('{"a": 1,\n "b" 2}', "line 2, column 6"),
        ("[]", "holds a list"),
        ("null", "holds null"),
        ('"x"', "holds a string"),
        ("3", "holds a number"),
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "-Infinity"),
        ('{"a": 1,}', "line 1, column 9"),
        ("{'a': 1}", "line 1, column 2"),
        ('{"a": "\t"}', "line 1, column 8"),
        ('{"a": 01}', "line 1, column 8"),
        ('{"a": 1} x', "line 1, column 10"),
        ('{"a":' + "[" * 50_000 + "]" * 49_999 + "}}", "line 1, column"),
    ],
)
def test_invalid_json_is_refused_with_the_reason(text: str, what: str) -> None:
    with pytest.raises(OpsError, match=r"^the file ") as refused:
        parse_object(text, "the file")
    assert refused.value.kind == "invalid"
    assert what in refused.value.message
    assert len(refused.value.message) < 200


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "b": 2, "a": 3}', {"a": 3, "b": 2}),
        ('{"__proto__": {"x": 1}}', {"__proto__": {"x": 1}}),
        (r'{"a": "\ud800", "\udc00": 1}', {"a": "\ud800", "\udc00": 1}),
        (r'{"a": "\ud83d\ude00"}', {"a": "\U0001f600"}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ('{"a": ' + "1" * 5_000 + "}", {"a": math.inf}),
        ('{"a": "\udcff"}', {"a": "\ufffd"}),
    ],
)
def test_what_javascript_takes_is_read_as_javascript_reads_it(text: str, value: Json) -> None:
    assert parse_object(text, "it") == value


def test_any_depth_is_read_compared_and_written() -> None:
    text = '{"a":' * 50_000 + "{}" + "}" * 50_000
    value = parse_object(text, "it")
    assert dump(value, Layout(None, gap="", end="")) == text == canonical(value)


@pytest.mark.parametrize("text", ['{/* a */"a": 1}', '{"a": 1 // x\n}', '// x\n{"a": 1}', '{"a": 1} /* open'])
def test_comments_are_skipped_where_the_client_skips_them(text: str) -> None:
    assert parse_object(text, "it", comments=True) == {"a": 1}
    with pytest.raises(OpsError, match="is not JSON"):
        parse_object(text, "it")


def test_a_string_that_looks_like_a_comment_is_none() -> None:
    value = {"a": "// no", "b": "/* no */", "c": '\\" // no'}
    assert parse_object(json.dumps(value), "it", comments=True) == value


def test_a_byte_order_mark_that_the_client_refuses_is_named() -> None:
    with pytest.raises(OpsError, match="a byte-order mark, which the client refuses"):
        parse_object('\ufeff{"a": 1}', "it", comments=True)


def test_the_part_of_a_cut_off_text_that_is_whole_is_told() -> None:
    with pytest.raises(CutOffError) as refused:
        parse_object('{"a": 1, "b": {"c": [1, 2], "d": "ha', "it")
    assert refused.value.holds == {"a": 1, "b": {"c": [1, 2]}}


def test_numbers_beyond_a_double_still_compare() -> None:
    assert math.isinf(float("1e400"))
    assert canonical(parse_object('{"a":1e400}', "it")) != canonical(parse_object('{"a":1}', "it"))
