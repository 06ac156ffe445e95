"""The rules of incidents and releases at their edges, from values."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mcp_server.kernel.commit_message import Commit
from mcp_server.kernel.errors import OpsError
from mcp_server.records import incident_limits as limits
from mcp_server.records.incident import Incident, Record, past_time
from mcp_server.records.incident_change import Change, changed_page, entries_of, runbook_draft
from mcp_server.records.incident_history import History, history_of
from mcp_server.records.incident_metrics import IncidentTimes, report
from mcp_server.records.incident_page import append_to_section, keeping_line_endings, render, with_entries
from mcp_server.records.postmortem import span
from mcp_server.records.release import Draft, changes, page
from mcp_server.records.research import faults, note_in, researched
from mcp_server.records.timeline import Entry, goes_back, merged, status_in, times_in

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
RECORD = Record("Queue stands", "triggered", ("opus-1", "opus-2"), "ops-1", NOW, "sev2", "It stands.")
BEFORE = History("mitigated", "sev2", NOW, {}, ())
CHANGE = Change(at=NOW, author="ops-1", text="", status=None, severity=None, runbook=None, helped=False)


def entry(mark: str = "", text: str = "", minutes: float = 0, author: str = "ops-1") -> Entry:
    return Entry(NOW + minutes * MINUTE, author, mark, text)


def same(record: Record, agents: tuple[str, ...] = ("opus-2", "opus-1"), title: str = "queue STANDS!") -> bool:
    return limits.same_problem([record], title, agents, NOW) is not None


def test_the_same_problem_has_the_same_words_and_agents_within_a_day_and_is_not_over() -> None:
    assert same(RECORD)
    assert same(replace(RECORD, detected=NOW - timedelta(hours=24)))
    assert same(replace(RECORD, detected=NOW + timedelta(hours=24)))
    assert not same(replace(RECORD, detected=NOW - timedelta(hours=24, seconds=1)))
    assert not same(replace(RECORD, detected=NOW + timedelta(hours=24, seconds=1)))
    assert not same(replace(RECORD, status="resolved"))
    assert not same(RECORD, ("opus-1",))
    assert not same(RECORD, title="Queue stand")
    assert limits.days_around(NOW) == ("2026-02-28", "2026-03-01", "2026-03-02")
    assert limits.problem_of("?!") == "?!"


def test_the_sixth_incident_of_an_hour_has_to_wait_for_the_first_of_the_last_five() -> None:
    def allowed(*minutes: int, reporter: str = "ops-1") -> datetime | None:
        records = [replace(RECORD, detected=NOW - m * MINUTE, reporter="ops-1") for m in minutes]
        return limits.next_allowed(records, reporter, NOW)

    assert allowed(1, 2, 3, 4) is None
    assert allowed(5, 4, 3, 2, 1) == NOW - 5 * MINUTE + HOUR
    assert allowed(6, 5, 4, 3, 2, 1) == NOW - 5 * MINUTE + HOUR
    assert allowed(60, 4, 3, 2, 1) is None
    assert allowed(59, 4, 3, 2, 1) == NOW + MINUTE
    assert allowed(1, 2, 3, 4, 5, reporter="ops-2") is None


def test_an_entry_is_news_unless_its_author_wrote_it_before_or_wrote_five_within_the_hour() -> None:
    written = [entry(text=str(number), minutes=-number) for number in range(4)]
    assert limits.is_news(written, entry(text="new"))
    assert not limits.is_news(written, entry(text="3"))
    assert limits.is_news(written, entry(text="3", author="ops-2"))
    assert limits.is_news([*written, entry(text="old", minutes=-60)], entry(text="new"))
    assert not limits.is_news([*written, entry(text="old", minutes=-59)], entry(text="new"))
    assert not limits.is_news([entry(text="3", minutes=-600)], entry(text="3"))


def test_an_update_adds_what_changed_and_a_step_back_needs_a_reason() -> None:
    assert entries_of(CHANGE, BEFORE, "x") == []
    assert entries_of(replace(CHANGE, status="mitigated", severity="sev2"), BEFORE, "x") == []
    assert entries_of(replace(CHANGE, text="hm"), BEFORE, "x") == [entry(text="hm")]
    assert entries_of(replace(CHANGE, status="resolved"), BEFORE, "x") == [entry("resolved")]
    assert entries_of(replace(CHANGE, severity="sev1"), BEFORE, "x") == [entry("sev1", "was sev2")]
    assert entries_of(replace(CHANGE, severity="sev1"), replace(BEFORE, severity=""), "x")[0].text == "was unknown"
    assert entries_of(replace(CHANGE, runbook="a.md"), BEFORE, "x") == [entry("runbook failed", "a.md")]
    assert entries_of(replace(CHANGE, runbook="a.md", helped=True), BEFORE, "x") == [entry("runbook helped", "a.md")]
    with pytest.raises(OpsError, match="going back to triggered"):
        entries_of(replace(CHANGE, status="triggered"), BEFORE, "x")
    assert entries_of(replace(CHANGE, status="triggered", text="again"), BEFORE, "x") == [entry("triggered", "again")]


def test_the_page_has_tried_runbooks_and_the_resolution_in_their_sections() -> None:
    text = "---\nstatus: triggered\n---\n\n# x\n\n## Timeline\n\n## Runbooks tried\n\n## Resolution\n"
    added = [entry("runbook helped", "a.md"), entry("runbook failed", "b.md"), entry("resolved", "restarted")]
    changed = changed_page(text, added, BEFORE.with_entries(added), "")
    assert "- a.md: helped\n- b.md: did not help" in changed
    assert changed.partition("## Resolution")[2].strip() == "restarted"
    assert changed_page(text, [entry(text="a.md")], BEFORE, "").count("a.md") == 1
    assert changed_page(text, [], BEFORE, "## Postmortem\n").endswith("\n\n## Postmortem\n")


def test_a_runbook_is_drafted_when_an_incident_is_resolved_without_one() -> None:
    def draft(*entries: Entry) -> str | None:
        found = runbook_draft(RECORD, entries[-1:], replace(BEFORE, entries=entries))
        return found and found.resolution

    resolved = entry("resolved", "restarted")
    assert draft(entry(text="looked"), entry("sev1", "was sev2"), entry("mitigated"), resolved) == (
        "1. looked\n2. restarted"
    )
    assert draft(entry("runbook helped", "a.md"), resolved) is None
    assert draft(resolved, entry(text="looked")) is None
    assert draft(*[entry(text=str(number)) for number in range(12)], resolved or entry()) == "\n".join(
        f"{line}. {text}" for line, text in enumerate([*map(str, range(3, 12)), "restarted"], 1)
    )


def test_the_status_in_the_front_matter_counts_unless_the_versions_have_diverged() -> None:
    one = replace(RECORD, status="closed", severity="sev4", entries=(entry("mitigated"),), times={"resolved": NOW})
    assert (history_of([one]).status, history_of([one]).severity) == ("closed", "sev4")
    assert history_of([one]).times == {"resolved": NOW, "mitigated": NOW}
    other = replace(RECORD, entries=(entry("sev1", minutes=1), entry("resolved", minutes=2)))
    both = history_of([one, other])
    assert (both.status, both.severity, set(both.times)) == ("resolved", "sev1", {"mitigated", "resolved"})
    assert history_of([replace(one, doubled=True)]).status == "mitigated"
    assert history_of([replace(one, doubled=True)]).severity == "sev4"
    assert history_of([replace(RECORD, status="closed"), replace(RECORD, status="by hand")]).status == "closed"
    assert history_of([replace(RECORD, status="triggered"), replace(RECORD, status="by hand")]).status == "triggered"


def test_times_run_from_detection_and_a_step_back_clears_the_later_ones() -> None:
    history = replace(BEFORE, times={"resolved": NOW, "closed": NOW - MINUTE, "mitigated": NOW + HOUR})
    assert [history.time_to(status) for status in ("resolved", "closed", "mitigated", "x")] == [
        timedelta(0), None, HOUR, None,
    ]  # fmt: skip
    marks = ["acknowledged", "mitigated", "resolved", "mitigated"]
    found = times_in([entry(mark, minutes=number) for number, mark in enumerate(marks)])
    assert found == {"acknowledged": NOW, "mitigated": NOW + MINUTE}
    assert set(times_in([entry("triggered")], {"acknowledged": NOW, "resolved": NOW})) == {
        "triggered",
        "acknowledged",
    }
    assert status_in([entry("mitigated"), entry("sev1"), entry("resolved"), entry()]) == "resolved"
    assert status_in([entry()]) is None
    assert [goes_back("resolved", after) for after in ("mitigated", "resolved", "closed", "x")] == [True] + [
        False
    ] * 3
    twice = [entry(text="a"), entry(text="a"), entry(text="b", minutes=-1)]
    assert merged([twice, twice[:1]]) == (twice[2], twice[0], twice[1])


def test_metrics_name_what_is_open_repeated_and_without_a_runbook() -> None:
    one = IncidentTimes("i1", "Disk full", "sev1", "resolved", ("a",), NOW, NOW + MINUTE, None, NOW + HOUR, False)
    two = replace(one, id="i2", title="disk FULL", acknowledged=NOW + 2 * MINUTE, resolved=None, status="triggered")
    three = replace(one, id="i3", title="Other", severity="by hand", runbook_helped=True, agents=("b",))
    found = report([one, two, three])
    assert (found.incidents, found.open, found.without_runbook) == (3, ("i2",), ("i1",))
    assert [(each.name, each.incidents) for each in found.repeated_problems] == [("Disk full", ("i1", "i2"))]
    assert [(each.name, each.incidents) for each in found.repeated_agents] == [("a", ("i1", "i2"))]
    assert [pace.severity for pace in found.paces] == ["sev1", "by hand"]
    pace = found.paces[0]
    assert (pace.incidents, pace.open, pace.acknowledged, pace.resolved) == (2, 1, 2, 1)
    assert (pace.mtta_minutes, pace.mttr_minutes) == (1.5, 60.0)
    assert report([replace(one, id=str(number)) for number in range(30)]).without_runbook == tuple(
        map(str, range(20))
    )


def test_a_page_has_what_was_seen_and_names_nothing_that_was_not() -> None:
    bare = Incident("i", "Disk full", "sev2", "It is full.", (), "ops-1", NOW)
    assert "Nothing was looked at." in render(bare)
    assert "No agents named." in render(bare)
    assert not any(words in render(bare) for words in ("The index offers", "Log:"))
    full = replace(bare, agents=("a", "b"), evidence=("one", "two"), runbooks=("x.md",), log="boom", commander="Ada")
    shown = render(full)
    assert "- one\n- two" in shown
    assert all(words in shown for words in ("Agents: a, b.", "The index offers:\n\n- x.md", "boom", "commander: Ada"))
    assert not any(words in shown for words in ("Nothing was looked at.", "No agents named."))


def test_line_ends_of_a_page_stay_and_an_entry_goes_to_the_end_of_its_section() -> None:
    def added(text: str) -> str:
        return keeping_line_endings(text, lambda lines: append_to_section(lines, "## T", "new"))

    assert added("## T\r\n\r\nold\r\n\r\n## U\r\n") == "## T\r\n\r\nold\r\nnew\r\n\r\n## U\r\n"
    assert added("## T\n\nold\n\n## U\n") == "## T\n\nold\nnew\n\n## U\n"
    assert added("## T\n") == "## T\n\nnew\n"
    assert added("# x") == "# x\n\n## T\n\nnew\n"
    assert append_to_section("## T\n\nNone.\n", "## T", "new", placeholder="None.") == "## T\n\nnew\n"


def test_a_new_value_replaces_all_its_lines_in_the_front_matter_and_an_equal_one_keeps_its_spelling() -> None:
    text = "---\na: 'x'\nb:\n- 1\n- 2\nc: 3\nb: 4\n---\n\nb: 5\n"
    assert with_entries(text, [], {"a": "x"}) == text
    assert with_entries(text, [], {"b": 6}) == "---\na: 'x'\nb: 6\nc: 3\n---\n\nb: 5\n"
    assert with_entries(text, [], {"d": None}) == text.replace("b: 4\n", "b: 4\nd: null\n")
    assert "a: é\n" in with_entries(text, [], {"a": "é"})
    assert with_entries("a: 1\n---\n", [], {"a": 2}) == "a: 1\n---\n"
    assert with_entries("---\na: 1\n", [], {"a": 2}) == "---\na: 1\n"


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0 min"), (59, "59 min"), (60, "1 h 0 min"), (1439, "23 h 59 min"), (1440, "1 d 0 h"), (3000, "2 d 2 h")],
)
def test_a_duration_is_told_in_its_two_largest_units(minutes: int, text: str) -> None:
    assert span(minutes * MINUTE) == text
    assert span(None) == "unknown"


def commit(subject: str, body: str = "") -> Commit:
    return Commit("0123456789", "Ada", subject, body)


def test_changes_are_grouped_and_quiet_kinds_are_left_out_unless_they_break() -> None:
    text = changes([commit("fix: b"), commit("feat: a"), commit("plain"), commit("docs: c"), commit("ci!: d")])
    assert text == (
        "### Added\n\n- a (01234567)\n\n### Fixed\n\n- b (01234567)\n\n"
        "### Changed\n\n- plain (01234567)\n- **breaks:** d (01234567)"
    )
    assert changes([commit("docs: c")]) == "No change that a user notices."


def test_a_release_page_keeps_letters_beyond_ascii_and_its_parts_in_order() -> None:
    text = page(Draft("v1.0.0", "é", "c0", "d0", "Changed é"), [entry("step 1 done", "ok")])
    assert text.startswith("---\nversion: v1.0.0\nbase: é\ncommit: c0\nchecklist: d0\nstarted:")
    assert text.endswith("**step 1 done**; ok\n\n## Changes\n\nChanged é\n")


def test_each_fault_of_a_research_note_is_named() -> None:
    today, names = date(2026, 3, 1), ("Summary", "Sources")
    good = "# t\n\n## Summary\n\nwords\n\n## Sources\n\n- a, https://a.test, 2026-03-01\n"
    assert faults(good, names, today) == ()
    assert faults(good.replace("03-01", "03-02"), names, today) == (
        "1 of 1 sources have no day on which they were read",
    )
    assert faults(good.replace("2026-03-01", "2026-02-31"), names, today) != ()
    assert faults(good.replace("- a", "a"), names, today) == ("the section 'Sources' lists no source",)
    assert faults(good.replace("words", ""), names, today) == ("the section 'Summary' is empty",)
    assert faults(good.replace("## Summary", "## Other"), names, today) == ("the section 'Summary' is missing",)
    assert faults(good.replace("words", "w" * (40_000 - len(good) + 5)), names, today) == ()
    assert len(faults(good.replace("words", "w" * (40_000 - len(good) + 6)), names, today)) == 1
    assert researched(good + "2025-01-01") == today
    assert researched("---\nresearched: 2024-01-01\n---\n" + good) == date(2024, 1, 1)
    assert researched("none") is None


def test_the_last_severity_counts_and_a_history_without_one_keeps_its_own() -> None:
    assert BEFORE.with_entries([entry("sev1"), entry("sev4"), entry("resolved")]).severity == "sev4"
    assert BEFORE.with_entries([entry(text="x")]).severity == "sev2"


def test_a_note_begins_with_its_title_and_has_no_fence_around_it() -> None:
    assert note_in("Here it is.\n\n# T\nx\n\n") == "# T\nx\n"
    assert note_in("```markdown\n# T\nx\n```\n") == "# T\nx\n"
    assert note_in(" without a title") == "without a title\n"


def test_a_time_that_a_caller_gives_is_not_in_the_future() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert past_time("2026-03-01T12:00", now) == now
    assert past_time("2026-03-01T11:59", now) == now - timedelta(minutes=1)
    with pytest.raises(OpsError, match="in the future"):
        past_time("2026-03-01T12:01", now)
