import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.pointer import ABSENT, keys_of, pointer, value_at, with_value

keys = st.lists(st.text(max_size=5), max_size=4)


@given(keys)
def test_a_pointer_leads_back_to_its_keys(path: list[str]) -> None:
    assert list(keys_of(pointer(*path))) == path


@pytest.mark.parametrize(
    ("text", "value"),
    [  # RFC 6901, section 5
        ("", {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "~1": 9}),
        ("/foo", ["bar", "baz"]),
        ("/", 0),
        ("/a~1b", 1),
        ("/m~0n", 8),
        ("/~01", 9),
        ("/nothing", ABSENT),
        ("/foo/0", ABSENT),
    ],
)
def test_the_examples_of_the_standard_hold(text: str, value: object) -> None:
    document: Json = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "~1": 9}
    assert value_at(document, text) == value


@given(st.lists(st.text(max_size=3), min_size=1, max_size=3), st.integers())
def test_a_value_that_was_set_is_found_and_a_removed_one_is_absent(path: list[str], value: int) -> None:
    at = pointer(*path)
    there = with_value({}, at, value)
    assert value_at(there, at) == value
    assert value_at(with_value(there, at, ABSENT), at) is ABSENT


def test_the_original_document_is_unchanged_and_keys_keep_their_order() -> None:
    document: dict[str, Json] = {"z": 1, "servers": {"b": 1, "a": 2}, "y": 2}
    changed = with_value(document, "/servers/b", 3)
    assert list(changed) == ["z", "servers", "y"]
    assert changed["servers"] == {"b": 3, "a": 2}
    assert document["servers"] == {"b": 1, "a": 2}


def test_removing_an_absent_value_creates_nothing() -> None:
    assert with_value({"a": 1}, "/b/c", ABSENT) == {"a": 1}


def test_a_pointer_through_something_other_than_an_object_makes_it_one() -> None:
    assert with_value({"a": []}, "/a/b", 1) == {"a": {"b": 1}}
    assert with_value({"a": []}, "/a/b", ABSENT) == {"a": []}
    with pytest.raises(OpsError, match="whole document"):
        with_value({"a": []}, "", 1)


def test_a_pointer_starts_with_a_slash() -> None:
    with pytest.raises(OpsError, match="not a JSON pointer"):
        keys_of("theme")
