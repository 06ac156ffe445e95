"""An incident's name and text, whatever its title, summary and log are made of."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mcp_server.kernel.caller_text import block, line, log_tail
from mcp_server.records.incident import Incident, Record, identity, record_of
from mcp_server.records.incident_limits import LIMIT, next_allowed, same_problem
from mcp_server.records.incident_page import render
from mcp_server.records.timeline import Entry

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
CANARY = "sk-ant-" + "oat01-" + "canary" * 8
SECTIONS = [
    "Summary",
    "Impact",
    "Timeline",
    "Evidence",
    "Runbooks tried",
    "Resolution",
    "Contributing factors",
    "Action items",
]
markup = st.text(st.sampled_from("#`~-=<!> \t\n|*[]()ab:'\"{}&%@\\\x00\u202e\u2028é🔥"), max_size=60)


def incident(title: str, summary: str = "", log: str = "") -> Incident:
    return Incident(
        id=identity(NOW, title, ()),
        title=line(title),
        severity="sev2",
        summary=block(summary),
        agents=("opus-1", "codex-2"),
        reporter="ops-1",
        detected=NOW,
        log=log_tail(log),
    )


def record(title: str = "Disk full", minutes_ago: float = 0, status: str = "triggered") -> Record:
    return Record(title, status, ("opus-1",), "ops-1", NOW - timedelta(minutes=minutes_ago))


@given(st.text() | markup, st.integers(0, 3))
def test_any_title_gives_a_valid_short_file_name_that_is_not_taken(title: str, taken: int) -> None:
    known: list[str] = []
    for _ in range(taken + 1):
        name = identity(NOW, title, known)
        assert re.fullmatch(r"2026-11-22-[a-z0-9]+(-[a-z0-9]+)*", name)
        assert len(name) <= 80
        assert name not in known
        known.append(name.upper())
        known = [n.lower() for n in known]


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("OAuth token expired", "oauth-token-expired"),
        ("../../etc/passwd\n| x", "etc-passwd-x"),
        ("Café naïve", "cafe-naive"),
        ("🔥🔥", "incident"),
        ("日本語", "incident"),
        ("a" * 10_000, "a" * 60),
    ],
)
def test_the_name_is_the_day_in_utc_and_the_title_in_ascii(title: str, slug: str) -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    assert identity(tokyo, title, ()) == f"2026-11-22-{slug}"


@given(title=st.text() | markup, summary=st.text() | markup, log=st.text() | markup)
def test_any_words_stay_in_their_section_and_the_front_matter_stays_yaml(title: str, summary: str, log: str) -> None:
    text = render(incident(title, summary, log))
    front, body = text.removeprefix("---\n").split("\n---\n", 1)
    assert yaml.safe_load(front)["title"] == line(title)
    tokens = MarkdownIt("commonmark").parse(body)
    headings = [
        tokens[n + 1].content for n, token in enumerate(tokens) if token.type == "heading_open" and not token.level
    ]
    assert headings[-len(SECTIONS) :] == SECTIONS
    assert len(headings) - len(SECTIONS) == 1


def test_what_is_written_is_read_back() -> None:
    found = record_of(render(incident('It\'s: a "title" # with - yaml', "No space.")))
    opened = Entry(NOW, "ops-1", "triggered", "opened as sev2")
    assert found == Record(
        'It\'s: a "title" # with - yaml',
        "triggered",
        ("opus-1", "codex-2"),
        "ops-1",
        NOW,
        severity="sev2",
        summary="No space.",
        entries=(opened,),
    )


@pytest.mark.parametrize("text", ["", "# x", "---\na: [\n---\n", "---\ndetected: soon\n---\n", "---\n- 1\n---\n"])
def test_a_page_without_a_time_of_detection_is_not_parsed(text: str) -> None:
    assert record_of(text) is None


def test_a_time_written_by_hand_is_utc() -> None:
    found = record_of("---\ndetected: 2026-11-22 10:00:00\nagents: opus-1\n---\n")
    assert found is not None
    assert (found.detected, found.agents) == (datetime(2026, 11, 22, 10, tzinfo=UTC), ())


@pytest.mark.parametrize("hidden", ["", "\x00", "\u200b", "\x1b[31m"])
def test_a_token_is_redacted_even_when_invisible_characters_tear_it_apart(hidden: str) -> None:
    torn = CANARY[:20] + hidden + CANARY[20:]
    text = render(incident(f"t {torn}", f"s {torn}", f"l {torn}"))
    assert "canary" not in text
    assert text.count("[redacted]") + text.count(r"\[redacted\]") == 4


def test_a_long_log_keeps_its_end_and_says_what_was_left_out() -> None:
    kept = log_tail("\n".join(f"line {n}" for n in range(500)))
    assert kept.startswith("(300 earlier lines left out)\nline 300\n")
    assert len(log_tail("x" * 900_000)) <= 20_000


def test_a_fence_in_a_log_does_not_end_the_logs_own() -> None:
    assert "````text\n```\nx\n````\n" in render(incident("t", log="```\nx"))


def test_an_open_incident_with_the_same_words_and_agents_is_the_same_problem() -> None:
    assert same_problem([record()], "disk   FULL!", ["opus-1"], NOW) == record()
    assert same_problem([record()], "disk full", ["opus-2"], NOW) is None
    assert same_problem([record(minutes_ago=25 * 60)], "disk full", ["opus-1"], NOW) is None
    assert same_problem([record(status="resolved")], "disk full", ["opus-1"], NOW) is None
    assert same_problem([record("🔥")], "💧", ["opus-1"], NOW) is None


def test_a_clock_that_was_set_back_does_not_open_the_same_problem_again() -> None:
    assert same_problem([record(minutes_ago=-30)], "disk full", ["opus-1"], NOW) is not None


def test_the_hourly_limit_is_per_reporter_and_has_an_end() -> None:
    full = [record(minutes_ago=n) for n in range(LIMIT)]
    assert next_allowed(full, "ops-1", NOW) == NOW + timedelta(minutes=60 - LIMIT + 1)
    assert next_allowed(full, "opus-1", NOW) is None
    assert next_allowed(full[1:], "ops-1", NOW) is None
    assert next_allowed([record(minutes_ago=61), *full[1:]], "ops-1", NOW) is None
