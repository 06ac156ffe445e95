"""The same problem again, and an agent in a loop: one incident, and a limit that the answer names."""

from datetime import UTC, datetime, timedelta

from mcp_server.demo.fleet import DemoFleet
from mcp_server.records.incident_limits import LIMIT
from tests.fixtures.incidents import at, changed, context, index_of, open_incident, refused


def test_the_same_problem_is_opened_once_and_the_answer_says_which_one_is_open(fleet: DemoFleet) -> None:
    ctx = context(fleet)
    first = open_incident(ctx, "Disk full!", agents=["opus-1", "opus-2"])
    before = index_of(fleet.agent("ops-1")).read_bytes()
    second = open_incident(ctx, "disk  FULL", agents=["opus-2", "opus-1"])
    assert (second.duplicate, second.id, second.path, second.index_row) == (
        True,
        first.id,
        first.path,
        first.index_row,
    )
    assert index_of(fleet.agent("ops-1")).read_bytes() == before
    assert len(changed(fleet.agent("ops-1"))) == 2
    assert not open_incident(ctx, "Disk full!", agents=["opus-1"]).duplicate


def test_news_about_an_open_problem_becomes_an_entry_and_a_loop_cannot_flood_it(fleet: DemoFleet) -> None:
    ctx = context(fleet)
    first = open_incident(ctx)
    before = first.path.read_bytes()
    assert open_incident(ctx).duplicate
    assert first.path.read_bytes() == before
    for number in range(2 * LIMIT):
        assert open_incident(ctx, summary=f"**resolved** only {number} MB left").duplicate
    text = first.path.read_text()
    assert "ops-1: seen again: \\*\\*resolved\\*\\* only 0 MB left\n" in text
    assert text.count("seen again") == LIMIT - 1


def test_another_agent_with_the_same_problem_gets_the_open_incident(fleet: DemoFleet) -> None:
    first = open_incident(context(fleet, "ops-1"))
    second = open_incident(context(fleet, "opus-1"))
    assert (second.duplicate, second.agent, second.path) == (True, "ops-1", first.path)
    assert changed(fleet.agent("opus-1")) == []


def test_a_day_later_or_after_its_end_the_problem_is_a_new_incident_with_a_name_of_its_own(fleet: DemoFleet) -> None:
    ctx, noon = context(fleet), datetime(2026, 3, 2, 12, tzinfo=UTC)
    first = open_incident(at(ctx, noon))
    first.path.write_text(first.path.read_text().replace("status: triggered", "status: resolved"))
    second = open_incident(at(ctx, noon + timedelta(hours=1)))
    third = open_incident(at(ctx, noon + timedelta(hours=26)))
    assert [first.id, second.id, third.id] == [
        "2026-03-02-disk-full",
        "2026-03-02-disk-full-2",
        "2026-03-03-disk-full",
    ]


def test_two_clones_never_give_different_problems_one_name(fleet: DemoFleet) -> None:
    first = open_incident(context(fleet, "ops-1"), "🔥")
    second = open_incident(context(fleet, "opus-1"), "💧")
    assert first.id != second.id


def test_an_agent_beyond_the_limit_learns_when_it_may_open_the_next(fleet: DemoFleet) -> None:
    ctx, noon = context(fleet), datetime(2026, 3, 2, 12, tzinfo=UTC)
    for number in range(LIMIT):
        open_incident(at(ctx, noon + timedelta(minutes=number)), f"problem {number}")
    before = changed(fleet.agent("ops-1"))
    error = refused(at(ctx, noon + timedelta(minutes=10)), title="one more")
    assert (error.kind, "13:00 UTC" in error.next) == ("denied", True)
    assert changed(fleet.agent("ops-1")) == before
    assert not open_incident(at(context(fleet, "opus-1"), noon), "another agent").duplicate
    assert not open_incident(at(ctx, noon + timedelta(minutes=61)), "one more").duplicate
