"""Edits of a TOML config, from texts as values."""

import pytest

from mcp_server.configs import toml_text
from mcp_server.configs.toml_text import edit, parse
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.pointer import ABSENT


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
        parse("a = ", "a b.toml")
    assert refused.value.next == "Correct it: 'a b.toml'"
    with pytest.raises(OpsError, match="is not TOML"):
        parse("a = " + "[" * 5000, "deep.toml")
