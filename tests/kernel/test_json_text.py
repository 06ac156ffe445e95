import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_text import Layout, canonical, dump, layout_of, parse_object

words = st.text(st.characters(codec="utf-8"), max_size=8).filter(lambda word: word != "__proto__")
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words
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
        ('{"a":9007199254740993}', '{"a":9007199254740992}', False),
    ],
)
def test_values_are_equal_whatever_their_spelling(one: str, other: str, equal: bool) -> None:
    assert (canonical(parse_object(one, "one")) == canonical(parse_object(other, "other"))) is equal


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("{", "line 1, column 2"),
        ('{"a": 1,\n "b" 2}', "line 2, column 6"),
        ("[]", "holds a list"),
        ("null", "holds null"),
        ('"x"', "holds a string"),
        ("3", "holds a number"),
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "-Infinity"),
        ('{"a": 1, "b": 2, "a": 3}', "names the key 'a' twice"),
        ('{"x": {"a": 1, "a": 1}}', "names the key 'a' twice"),
        ('{"__proto__": {}}', "__proto__"),
        (r'{"a": "\ud800"}', "surrogate"),
        (r'{"\udc00": 1}', "surrogate"),
        ('{"a":' * 101 + "1" + "}" * 101, "deeper than 100"),
        ('{"a":' + "[" * 50_000 + "]" * 50_000 + "}", "deeper than 100"),
        ('{"a": ' + "1" * 5_000 + "}", "5000 digits"),
    ],
)
def test_ambiguous_or_invalid_json_is_refused_with_the_reason(text: str, what: str) -> None:
    with pytest.raises(OpsError, match=r"^the file ") as refused:
        parse_object(text, "the file")
    assert refused.value.kind == "invalid"
    assert what in refused.value.message
    assert len(refused.value.message) < 200


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert parse_object(r'{"a": "\ud83d\ude00"}', "it") == {"a": "\U0001f600"}


def test_a_hundred_levels_are_read_and_written() -> None:
    text = '{"a":' * 99 + "{}" + "}" * 99
    assert dump(parse_object(text, "it"), Layout(None, gap="", end="")) == text


def test_numbers_beyond_a_double_still_compare() -> None:
    assert math.isinf(float("1e400"))
    assert canonical(parse_object('{"a":1e400}', "it")) != canonical(parse_object('{"a":1}', "it"))
