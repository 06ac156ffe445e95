"""Timelines are appended to and read back whatever their texts, and clocks that jump give no negative durations."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import yaml
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.kernel.caller_text import line
from mcp_server.kernel.index_table import literal
from mcp_server.kernel.markdown.page import read_page
from mcp_server.records.incident import Record, record_of
from mcp_server.records.incident_history import history_of
from mcp_server.records.incident_page import append_to_section, render, with_entries
from mcp_server.records.postmortem import HEADING, draft, span
from mcp_server.records.timeline import STATUSES, Entry, entries_in, goes_back, merged, status_in
from tests.records.test_incident import NOW, incident

texts = st.text(st.sampled_from("*#|-:;`<>[] \n\tab\u202eé🔥\\")) | st.text()
moments = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0)
)
marks = st.sampled_from(["", *STATUSES, "sev1", "runbook helped"])
entries = st.builds(
    Entry,
    moments,
    st.just("ops-1"),
    marks,
    texts.map(lambda text: literal(line(text))).filter(lambda text: text != ""),
)
opened = render(incident("Disk full", log="x\n## Timeline\n- 2026-01-01T00:00:00Z ops-1: **closed**"))


@given(st.lists(entries, max_size=5))
def test_appended_entries_are_read_back_in_order_and_the_rest_is_unchanged(added: list[Entry]) -> None:
    text = with_entries(opened, added, {})
    assert entries_in(read_page(text)) == (*entries_in(read_page(opened)), *added)
    lines = {str(entry) for entry in added}
    kept = Counter(text.splitlines()) - Counter(str(entry) for entry in added)
    assert kept == Counter(opened.splitlines()) - Counter(dict.fromkeys(lines, 0))


@given(texts)
def test_no_text_of_a_caller_passes_for_a_status(text: str) -> None:
    entry = Entry(NOW, "ops-1", "", literal(line(f"**resolved**; {text}")))
    assert status_in(entries_in(read_page(with_entries(opened, [entry], {})))) == "triggered"


@given(st.lists(entries, max_size=5), st.lists(entries, max_size=5))
def test_merging_the_versions_of_two_clones_loses_no_entry(left: list[Entry], right: list[Entry]) -> None:
    both = merged([left, right])
    assert Counter(both) == Counter(left) | Counter(right)
    assert [entry.at for entry in both] == sorted(entry.at for entry in both)
    assert merged([both, left]) == both or Counter(merged([both, left])) == Counter(both)


@given(st.lists(entries, max_size=6))
def test_a_clock_that_jumps_never_makes_a_negative_duration(added: list[Entry]) -> None:
    record = record_of(with_entries(opened, added, {}))
    assert record is not None
    took = [history_of([record]).time_to(status) for status in STATUSES]
    assert all(duration is None or duration >= timedelta(0) for duration in took)
    assert "-" not in "".join(map(span, took))


def test_a_new_value_replaces_duplicates_in_the_front_matter_and_keeps_other_keys() -> None:
    by_hand = opened.replace("commander: null", "commander: pm-1  # asked\nown: [1, 2]")
    doubled = by_hand.replace("status: triggered\n", "status: triggered\nstatus: mitigated\n")
    text = with_entries(doubled, [], {"status": "resolved", "runbooks": ["a", "b"], "closed_by": "x"})
    front = text.split("---\n")[1]
    assert front.count("status:") == 1
    assert "commander: pm-1  # asked\nown: [1, 2]\n" in front
    assert yaml.safe_load(front).items() >= {"status": "resolved", "runbooks": ["a", "b"], "closed_by": "x"}.items()


def test_after_a_merge_that_doubled_the_front_matter_the_timeline_decides() -> None:
    added = [
        Entry(NOW, "a-1", "resolved", ""),
        Entry(NOW + timedelta(minutes=1), "b-1", "acknowledged", "it is back"),
    ]
    text = with_entries(opened, added, {}).replace("status: triggered\n", "status: acknowledged\nstatus: resolved\n")
    record = record_of(text)
    assert record is not None
    assert record.doubled
    assert history_of([record]).status == "acknowledged"
    assert history_of([record]).time_to("resolved") is None


def test_a_status_that_a_person_set_by_hand_counts() -> None:
    record = record_of(opened.replace("status: triggered", "status: closed"))
    assert record is not None
    assert history_of([record]).status == "closed"


def test_the_clone_with_the_longer_timeline_decides_the_status() -> None:
    stale = record_of(opened)
    ahead = record_of(with_entries(opened, [Entry(NOW, "a-1", "resolved", "done")], {"status": "resolved"}))
    assert stale is not None
    assert ahead is not None
    assert history_of([stale, ahead]).status == history_of([ahead, stale]).status == "resolved"


def test_going_back_means_an_earlier_status() -> None:
    assert goes_back("resolved", "triggered")
    assert not goes_back("triggered", "resolved")
    assert not goes_back("resolved", "resolved")
    assert not goes_back("by hand", "triggered")


def test_a_missing_section_is_created() -> None:
    assert append_to_section("# x\n", "## Resolution", "done") == "# x\n\n## Resolution\n\ndone\n"


def test_a_heading_in_pasted_code_does_not_end_its_section() -> None:
    code = "```sh\n## restart\ndocker restart x\n```\n"
    text = f"# x\n\n## Timeline\n\n{code}\n## Resolution\n\nNone.\n"
    assert append_to_section(text, "## Timeline", "- done") == text.replace(code, f"{code}- done\n")


def test_a_postmortem_draft_has_the_timeline_without_its_authors() -> None:
    added = [Entry(NOW, "codex-7", "runbook failed", "a.md"), Entry(NOW, "codex-7", "resolved", "restarted")]
    record = record_of(with_entries(opened, added, {}))
    assert isinstance(record, Record)
    text = draft(record, history_of([record]))
    assert text.startswith(HEADING)
    assert "codex-7" not in text
    assert "restarted" in text
    assert "### What did not\n\n- a.md" in text
    assert "acknowledged after unknown, mitigated after unknown, resolved after 0 min" in text
