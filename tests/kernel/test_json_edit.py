"""Edits of JSON text in place."""

import itertools
import json
import random
import re
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.kernel.document import Json
from mcp_server.kernel.json_edit import edit_json
from mcp_server.kernel.json_layout import canonical
from mcp_server.kernel.json_text import parse_object
from mcp_server.kernel.pointer import ABSENT, Value, keys_of, pointer, value_at, with_value

keys = st.sampled_from(["a", "b", "c/d", "__proto__", "\ud800", ""])
scalars = st.sampled_from(
    cast("list[Json]", [None, True, 1, -0.0, "x // y", "/* */", '"', "\udc00", [], [1, {"z": []}]])
)
documents: st.SearchStrategy[dict[str, Json]] = st.recursive(
    st.dictionaries(keys, scalars, max_size=4),
    lambda inner: st.dictionaries(keys, inner | scalars, max_size=4),
    max_leaves=10,
)
edits: st.SearchStrategy[dict[str, Value]] = st.dictionaries(
    st.lists(keys, min_size=1, max_size=3).map(lambda path: pointer(*path)),
    scalars | documents | st.just(ABSENT),
    max_size=4,
)


def _spread(text: str, seed: int, *, comments: bool) -> str:
    """The text with blanks, and perhaps numbered comments, at random between its tokens."""
    chance, number = random.Random(seed), itertools.count()
    tokens = re.findall(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', text)

    def blank() -> str:
        found = chance.choice(
            ["", "", " ", "\n", "\n  ", "\t", *(["//#{}\n", "/*#{}*/", '/* {{ " }} #{}*/'] * comments)]
        )
        return found.format(next(number)) if "#" in found else found

    return blank() + "".join(token + blank() for token in tokens)


@given(documents, edits, st.integers(0, 9), st.booleans(), st.sampled_from([None, 2, "\t"]))
def test_an_edited_text_holds_the_edited_values_and_every_comment(
    document: dict[str, Json], changes: dict[str, Value], seed: int, comments: bool, indent: int | str | None
) -> None:
    text = json.dumps(document, indent=indent)
    text = _spread(text, seed, comments=comments) if seed else text
    changed = edit_json(text, changes, comments=comments)
    wanted = document
    for at, value in sorted(changes.items(), key=lambda item: item[1] is not ABSENT):
        wanted = with_value(wanted, at, value)
    assert canonical(parse_object(changed, "it", comments=comments)) == canonical(wanted)
    if all(value_at(document, at) is ABSENT and not _in_the_way(document, at) for at in changes):
        assert re.findall(r"#\d+", changed) == re.findall(r"#\d+", text)


def _in_the_way(document: dict[str, Json], at: str) -> bool:
    keys = keys_of(at)
    above = (value_at(document, pointer(*keys[:end])) for end in range(1, len(keys)))
    return any(value is not ABSENT and not isinstance(value, dict) for value in above)


@pytest.mark.parametrize(
    ("text", "changes", "after"),
    [
        ('{"a": 1}', {"/a": 2}, '{"a": 2}'),
        ('{"a": 1}\n', {"/b": 2}, '{"a": 1, "b": 2}\n'),
        ('{\n  "a": 1\n}\n', {"/b/c": 2}, '{\n  "a": 1,\n  "b": {\n    "c": 2\n  }\n}\n'),
        ('{\r\n\t"a": 1\r\n}', {"/b": [1]}, '{\r\n\t"a": 1,\r\n\t"b": [\r\n\t\t1\r\n\t]\r\n}'),
        ("{}", {"/a": 1}, '{\n  "a": 1\n}'),
        ('{\n  "e": {"A": "1"}\n}', {"/e/B": "2"}, '{\n  "e": {"A": "1", "B": "2"}\n}'),
        ('{\n  "a": 1,\n  "b": 2\n}', {"/a": ABSENT}, '{\n  "b": 2\n}'),
        ('{\n  "a": 1,\n  "b": 2\n}', {"/b": ABSENT}, '{\n  "a": 1\n}'),
        ('{\n  "a": 1\n}', {"/a": ABSENT}, "{}"),
        ('{"a":1,"b":2,"a":3}', {"/a": 4}, '{"a":1,"b":2,"a":4}'),
        ('{"a":1,"b":2,"a":3}', {"/a": ABSENT}, '{"b":2}'),
        (
            '{"n": 1.50, "m": 1e400, "s": "\\ud800", "a": 0}',
            {"/a": 1},
            '{"n": 1.50, "m": 1e400, "s": "\\ud800", "a": 1}',
        ),
        ('\ufeff{"a": 1}', {"/a": 2}, '\ufeff{"a": 2}'),
        ('{"bad": "\udcff\udcfe", "a": 1}', {"/a": 2}, '{"bad": "\udcff\udcfe", "a": 2}'),
        ('{"a": [1]}', {"/a/b": 2}, '{"a": {"b": 2}}'),
    ],
)
def test_an_edit_keeps_every_other_byte(text: str, changes: dict[str, Value], after: str) -> None:
    assert edit_json(text, changes) == after


@pytest.mark.parametrize(
    ("text", "changes", "after"),
    [
        ('{\n  "a": 1 // one\n}', {"/b": 2}, '{\n  "a": 1, // one\n  "b": 2\n}'),
        (
            '{\n  // a\n  "a": 1, // one\n  // b\n  "b": 2\n}',
            {"/a": ABSENT},
            '{\n  // a\n  // one\n  // b\n  "b": 2\n}',
        ),
        ('{\n  "a": 1, // one\n  "b": 2 // two\n}', {"/b": ABSENT}, '{\n  "a": 1 // one\n  // two\n}'),
        ('{"a": 1 // one\n}', {"/b": 2}, '{"a": 1, // one\n  "b": 2\n}'),
        ("{ // none yet\n}", {"/b": 2}, '{ // none yet\n  "b": 2\n}'),
        ('{"a": {/* x */}}', {"/a/b": 2}, '{"a": {/* x */"b": 2}}'),
    ],
)
def test_an_edit_keeps_every_comment(text: str, changes: dict[str, Value], after: str) -> None:
    assert edit_json(text, changes, comments=True) == after


def test_a_value_beside_one_that_is_nested_without_end_is_edited() -> None:
    deep = "[" * 50_000 + "]" * 50_000
    assert edit_json(f'{{"d": {deep}, "a": 1}}', {"/a": 2, "/b": 3}) == f'{{"d": {deep}, "a": 2, "b": 3}}'
