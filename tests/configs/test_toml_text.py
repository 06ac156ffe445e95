"""Edits of a TOML config, from texts as values."""

import json
from typing import cast

import pytest
import tomli
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.configs import toml_text
from mcp_server.configs.toml_text import edit, parse
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_text import CutOffError
from mcp_server.kernel.pointer import ABSENT, Value, pointer, with_value


def test_an_edit_keeps_comments_order_and_the_values_beside_it() -> None:
    text = "# mine\nb = 1 # one\na = 2\n\n[t.u]\nx = 1\ny = 2\n"
    assert edit(text, {"/a": 3, "/t/u/y": ABSENT}) == "# mine\nb = 1 # one\na = 3\n\n[t.u]\nx = 1\n"
    assert parse(edit(text, {"/n/m/k": {"l": [1, {"z": True}]}}), "x")["n"] == {"m": {"k": {"l": [1, {"z": True}]}}}
    assert edit(text, {"/missing": ABSENT}) == text


@pytest.mark.parametrize("text", ["a = 1\r\n", "a = 1\r\nb = 2\r\n"])
def test_windows_line_ends_stay_also_in_what_is_added(text: str) -> None:
    new = edit(text, {"/c": 3, "/d/e": 4})
    assert new.count("\n") == new.count("\r\n") >= 3
    assert "\r" not in edit("a = 1\n", {"/c": 3, "/d/e": 4})
    assert "\r" not in edit("", {"/c": 3, "/d/e": 4})
    assert edit("a = 1\r\nb = 2\n", {"/b": 3}) == "a = 1\r\nb = 3\n"


@pytest.mark.parametrize(
    ("text", "at", "after"),
    [
        ("a = 1\nt.u.v = 1\n", "/t/u/v", "a = 1\n"),
        ("a = 1\n[t]\nu.v = 1\n", "/t/u/v", "a = 1\n[t]\n"),
        ("a = 1\n[t.u]\nv = 1\n", "/t/u/v", "a = 1\n[t.u]\n"),
        ("a = 1\n[t.u]\nv = 1\n", "/t/u", "a = 1\n"),
        ("a = 1\nt.u.v = 1\nt.w = 2\n", "/t/u/v", "a = 1\nt.w = 2\n"),
        ("a = 1\nt.u.v.x = 1\n", "/t/u/v/x", "a = 1\n"),
        ("a = 1\nt = {u = {v = 1}}\n", "/t/u/v", "a = 1\nt = {u = {}}\n"),
    ],
)
def test_tables_without_a_header_vanish_with_their_last_member(text: str, at: str, after: str) -> None:
    assert edit(text, {at: ABSENT}) == after


def test_a_lost_table_that_still_had_members_counts_as_another_change() -> None:
    without = toml_text._without_emptied  # pyright: ignore[reportPrivateUsage]  (tomlkit loses none that is known)
    wanted: dict[str, Json] = {"t": {"x": 1}}
    assert without(wanted, {}, {"/t/y": ABSENT}) == wanted
    assert without({"t": {}}, {}, {"/t/y": ABSENT}) == {}


def test_dates_are_text_to_compare_and_stay_dates_in_the_file() -> None:
    text = "d = 2026-03-01\nt = [2026-03-01T10:00:00Z]\n"
    document = parse(text, "x")
    assert (document["d"], document["t"]) == ("2026-03-01", ["2026-03-01 10:00:00+00:00"])
    copied = edit("", {"/d": document["d"], "/t": document["t"], "/o": {"d": document["d"]}})
    assert copied.splitlines()[0] == "d = 2026-03-01"
    assert parse(copied, "x") == {**document, "o": {"d": "2026-03-01"}}
    assert not any('"' in line for line in copied.splitlines())


def test_text_that_is_not_toml_is_refused_with_its_source() -> None:
    with pytest.raises(OpsError, match=r"a b\.toml is not TOML") as refused:
        parse("a = \nb = 2", "a b.toml")
    assert refused.value.next == "Correct it: a b.toml"
    with pytest.raises(CutOffError, match="is cut off"):
        parse('a = "x', "cut.toml")
    with pytest.raises(OpsError, match="holds what Codex does not read"):
        parse("a = " + "[" * 5000, "deep.toml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a = {\n  b = 1, # one\n  c = [2],\n}\n", {"b": 1, "c": [2]}),
        (r'a = "\e\x41"', "\x1bA"),
        ("a = 07:32\n", "07:32:00"),
        ("a = 1979-05-27 07:32\n", "1979-05-27 07:32:00"),
        ("\ufeffa = 1\n", 1),
        ("a = inf\n", float("inf")),
        (f"a = {'[' * 79}{']' * 79}\n", json.loads(f"{'[' * 79}{']' * 79}")),
    ],
)
def test_what_codex_reads_is_read_and_edited(text: str, value: Json) -> None:
    assert parse(text, "x")["a"] == value
    assert edit(text, {"/new": 1}).startswith(text.rstrip())


@pytest.mark.parametrize(
    "text",
    ["a = 1\ra = 2\n", "a = 9223372036854775808\n", 'a = "\\ud800"\n', 'a = "\udcff"\n', "ключ = 1\n", "# \x00\n"],
)
def test_what_codex_refuses_is_refused(text: str) -> None:
    with pytest.raises(OpsError):
        parse(text, "x")


DOCS: dict[str, Value] = {"/mcp_servers/docs": {"command": "d", "env": {"A": "1"}}}


@pytest.mark.parametrize(
    ("text", "changes", "kept"),
    [
        ('mcp_servers.own.command = "o" # mine\nmcp_servers.own.args = []\n[z]\na = 1\n', DOCS, 1),
        ('[mcp_servers]\nown = {\n  command = "o", # mine\n  args = ["-q"], # why\n}\n', DOCS, 2),
        ('mcp_servers = { own = { command = "o" } } # all\n', DOCS, 1),
        ("[mcp_servers] # none\n# yet\n[z] # z\n", DOCS, 3),
        ("[z] # z\na = 1\n[mcp_servers.own]\ncommand = 1 # x\n[y] # y\n", DOCS, 3),
        ('s.docs.command = "a" # c\ns.docs.args = ["x"] # d\n', {"/s/docs/command": "b", "/s/docs/env/A": "1"}, 2),
        ('s.docs.command = "a" # c\n', {"/s/docs/cwd": "/x", "/t/u": {"v": 1}}, 1),
        ("# top\n\nt.a = 1 # a\n[z]\nb = 1\n", {"/t/c": [1], "/m": "x"}, 2),
        ('a = [ # l\n  "x", # one\n  "y", # two\n]\n', {"/a": ["z", "y", "w"]}, 3),
        ('a = [\n  "x", # one\n  "y", # two\n]\n', {"/a": ["y"]}, 1),
        ("[[m]]\na = 1 # x\n[[m]]\na = 2 # y\n", {"/m": [{"a": 1}, {"a": 3}]}, 2),
        ("[s.docs]\na = 1\n\n# about z\n[z]\nb = 1 # b\n", {"/s/docs": ABSENT}, 2),
        ("[s.docs] # h\na = 1 # a\n# b\nb = 2 # bb\n", {"/s/docs": {"a": 1, "b": 3}}, 4),
        ("t = {\n  a = 1, # a\n  b = 2, # b\n}\n", {"/t/b": 3, "/t/c": 4}, 2),
        ("a = 3 # x\n", {"/a/b": 1}, 0),
    ],
)
def test_an_edit_keeps_the_comments_and_every_other_value(text: str, changes: dict[str, Value], kept: int) -> None:
    new = edit(text, changes)  # which checks the values
    assert new.count("#") == kept
    assert edit(new, changes) == new


WORDS = st.sampled_from(["a", "b", "c d", "ü", "x.y"])
VALUES = st.sampled_from(cast("list[Json]", [1, True, "x # y", "l\nm", 1.5, [], ["p", "q"], [{"k": 1}]]))
TABLES = st.recursive(
    st.dictionaries(WORDS, VALUES, max_size=3), lambda below: st.dictionaries(WORDS, VALUES | below, max_size=3)
)


@given(TABLES, st.dictionaries(st.lists(WORDS, min_size=1, max_size=3).map(lambda k: pointer(*k)), VALUES | TABLES))
def test_an_edit_gives_the_wanted_document_or_refuses(before: dict[str, Json], changes: dict[str, Value]) -> None:
    wanted = before
    for at, value in changes.items():
        wanted = with_value(wanted, at, value)
    try:
        new = edit(tomlkit.dumps(before), changes)
    except OpsError:
        return
    assert tomli.loads(new) == wanted
