"""The three-way comparison: what each combination of base, master and agent is called and what a sync makes of it."""

from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mcp_server.configs.desired import Desired, desired_of
from mcp_server.configs.rebased import rebased
from mcp_server.configs.three_way import (
    Base,
    Choice,
    Difference,
    PointerState,
    Take,
    compare,
    decide,
    seen,
    worst,
)
from mcp_server.kernel.document import Json
from mcp_server.kernel.errors import OpsError
from mcp_server.kernel.json_layout import canonical
from mcp_server.kernel.pointer import ABSENT, keys_of, pointer, value_at, with_value

KEYS = ("a", "b", "c", "theme", "mcpServers")
values = st.sampled_from(
    cast("list[Json]", [1, 1.0, True, "x", "dark", None, [], [1], {}, {"k": 1}, {"k": {"m": 1}, "n": 2}])
)
servers = st.dictionaries(st.sampled_from(["s", "t", "u/v"]), st.fixed_dictionaries({"command": values}))
documents = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(KEYS[:-1], values), "mcpServers": servers, "projects": values}
)
takes = st.sampled_from(cast("list[Take | None]", [None, "master", "agent"]))


def synced(master: dict[str, Json], agent: dict[str, Json]) -> Base:
    """The base after a first sync that took the master's side."""
    return _sync(Base(), master, agent, "master")[1]


def applied(document: dict[str, Json], writes: tuple[Difference, ...]) -> dict[str, Json]:
    for write in sorted(writes, key=lambda write: write.desired is not ABSENT):
        document = with_value(document, write.pointer, write.desired)
    return document


def _sync(
    base: Base, master: dict[str, Json], agent: dict[str, Json], take: Take | None
) -> tuple[dict[str, Json], Base]:
    base = rebased(base, desired_of(master), agent)
    decision = decide(compare(base, desired_of(master), agent), base, Choice(take))
    return applied(agent, decision.writes), decision.base


def compared(base: Base, master: dict[str, Json], agent: dict[str, Json]) -> tuple[Difference, ...]:
    return compare(rebased(base, desired_of(master), agent), desired_of(master), agent)


def _unowned(document: dict[str, Json], desired: Desired, base: Base) -> str:
    """What is left without the master's pointers, and without what stands in their way or was made for them."""
    for at in {*desired.values, *base.master}:
        keys = keys_of(at)
        for end in range(len(keys), 0, -1):
            found = value_at(document, pointer(*keys[:end]))
            if end == len(keys) or not isinstance(found, dict) or not found:
                document = with_value(document, pointer(*keys[:end]), ABSENT)
    return canonical(document)


@pytest.mark.parametrize(
    ("base", "master", "agent", "state"),
    [  # None: the key is not there
        (1, 1, 1, "in_sync"),
        (None, 1, 1, "in_sync"),
        (None, 1, None, "missing"),
        (None, 1, 2, "conflict"),
        (1, 2, 1, "stale"),
        (1, 1, 2, "drifted"),
        (1, 1, None, "drifted"),
        (1, 2, 3, "conflict"),
        (1, 2, None, "conflict"),
        (1, 2, 2, "in_sync"),
        (1, None, 1, "orphaned"),
        (1, None, 2, "conflict"),
        (1, None, None, "in_sync"),
    ],
)
def test_each_combination_of_the_three_has_its_name(
    base: int | None, master: int | None, agent: int | None, state: PointerState
) -> None:
    before = synced(_with(base), {}) if base else Base()
    found = compare(before, desired_of(_with(master)), _with(agent))
    assert [d.state for d in found] == [state]
    assert worst(found) == state


def _with(value: int | None) -> dict[str, Json]:
    return {} if value is None else {"x": value}


@given(documents, documents, documents, documents, takes)
def test_a_sync_never_changes_what_the_master_does_not_own(
    first: dict[str, Json], agent: dict[str, Json], master: dict[str, Json], later: dict[str, Json], take: Take | None
) -> None:
    base = synced(first, agent)
    after, _ = _sync(base, master, later, take)
    desired = desired_of(master)
    assert _unowned(after, desired, base) == _unowned(later, desired, base)
    assert [key for key in after if key in later] == [key for key in later if key in after]


@given(documents, documents, documents, documents, takes)
def test_a_second_sync_writes_nothing_and_keeps_the_base(
    first: dict[str, Json], agent: dict[str, Json], master: dict[str, Json], later: dict[str, Json], take: Take | None
) -> None:
    after, base = _sync(synced(first, agent), master, later, take)
    again = decide(compared(base, master, after), base, Choice(take))
    assert not again.writes
    assert again.base == base


@example({"theme": "dark"}, {}, {}, {"theme": "dark"})
@given(documents, documents, documents, documents)
def test_without_a_choice_no_value_of_the_agent_is_lost(
    first: dict[str, Json], agent: dict[str, Json], master: dict[str, Json], later: dict[str, Json]
) -> None:
    written, base = _sync(Base(), first, agent, "master")
    after, _ = _sync(base, master, later, None)
    for d in compared(base, master, later):
        if canonical(_or_none(seen(after, d.pointer, d.desired)[0])) != canonical(_or_none(d.observed)):
            untouched = canonical(_or_none(seen(written, d.pointer, d.desired)[0])) == canonical(_or_none(d.observed))
            is_default = (d.pointer, d.observed) == ("/theme", "dark")  # to Claude Code the same as none
            assert d.op == "add" or untouched or is_default, d


def _or_none(value: object) -> Json:
    return cast("Json", [value]) if isinstance(value, dict | list | str | int | float | None) else []


@given(documents, documents, documents, documents)
def test_taking_the_master_leaves_no_difference_to_it(
    first: dict[str, Json], agent: dict[str, Json], master: dict[str, Json], later: dict[str, Json]
) -> None:
    after, base = _sync(synced(first, agent), master, later, "master")
    assert {d.state for d in compared(base, master, after)} <= {"in_sync"}
    for at, value in desired_of(master).values.items():
        found = value_at(after, at)
        if found != value and not (value == {} and isinstance(found, dict)):
            assert (at, value) == ("/theme", "dark"), "only a default may be left out"


@given(documents, documents, documents, documents)
def test_taking_the_agents_side_keeps_every_value_and_is_remembered(
    first: dict[str, Json], agent: dict[str, Json], master: dict[str, Json], later: dict[str, Json]
) -> None:
    base = synced(first, agent)
    differences = [d for d in compared(base, master, later) if d.state in ("drifted", "conflict")]
    after, base = _sync(base, master, later, "agent")
    assert all(value_at(after, d.pointer) == value_at(later, d.pointer) for d in differences)
    assert worst(compared(base, master, after)) == "in_sync"


@pytest.mark.parametrize(
    ("master", "agent", "state"),
    [
        ({"x": 1}, {"x": 2}, "kept"),
        ({"x": 3}, {"x": 2}, "conflict"),
        ({"x": 1}, {"x": 3}, "drifted"),
        ({"x": 1}, {"x": 1}, "in_sync"),
        ({}, {"x": 2}, "in_sync"),
        ({}, {"x": 3}, "conflict"),
    ],
)
def test_an_accepted_value_is_asked_about_again_when_a_side_moves(
    master: dict[str, Json], agent: dict[str, Json], state: PointerState
) -> None:
    base = _sync(Base(), {"x": 1}, {"x": 2}, "agent")[1]
    assert [d.state for d in compared(base, master, agent)] == [state]


def test_a_value_that_claude_code_leaves_out_as_its_default_is_in_step() -> None:
    base = synced({"theme": "dark"}, {"theme": "dark"})
    assert worst(compare(base, desired_of({"theme": "dark"}), {})) == "in_sync"
    assert worst(compare(base, desired_of({"theme": "light"}), {})) == "stale"
    assert worst(compare(Base(), desired_of({"theme": "light"}), {})) == "missing"


def test_live_state_in_a_master_is_left_out_and_named() -> None:
    master: dict[str, Json] = {
        "oauthAccount": {"emailAddress": "x"},
        "projects": {},
        "userID": "u",
        "machineID": "m",
        "anonymousId": "a",
        "primaryApiKey": "k",
        "customApiKeyResponses": {},
        "numStartups": 1,
        "hasCompletedOnboarding": True,
        "lastOnboardingVersion": "2",
        "bypassPermissionsModeAccepted": True,
        "cachedFeatureFlags": {},
        "tipsHistory": {},
        "firstStartTime": "t",
        "migrationVersion": 11,
        "seenNotifications": {},
        "pluginUsage": {},
        "passesEligibilityCache": {},
        "theme": "light",
        "teamPolicy": 1,
    }
    desired = desired_of(master)
    assert list(desired.values) == ["/theme", "/teamPolicy"]
    assert [line.split(" ")[0] for line in desired.left_out] == [f"/{key}" for key in master][:-2]


def test_an_mcp_server_may_have_any_name() -> None:
    assert list(desired_of({"mcpServers": {"projects": {}, "a/b": {}}}).values) == [
        "/mcpServers/projects",
        "/mcpServers/a~1b",
    ]


@pytest.mark.parametrize(
    "master",
    [
        {"env": {"ANTHROPIC_API_KEY": "x"}},
        {"mcpServers": {"s": {"command": "s", "env": {"ANTHROPIC_API_KEY": "x"}}}},
        {"mcpServers": {"s": {"command": "env", "args": ["ANTHROPIC_API_KEY=x", "s"]}}},
    ],
)
def test_an_anthropic_api_key_is_never_handed_on(master: dict[str, Json]) -> None:
    desired = desired_of(master)
    assert not desired.values
    assert "OAuth only" in desired.left_out[0]


@pytest.mark.parametrize("servers", [[], "x", None, {"s": "npx"}, {"s": None}])
def test_servers_of_another_shape_are_refused(servers: Json) -> None:
    with pytest.raises(OpsError, match="is not an object"):
        desired_of({"mcpServers": servers})
