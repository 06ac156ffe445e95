"""`ops incident report`: means over what is known, a page without a network, and the real browser that shows it."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.errors import OpsError
from mcp_server.operation.context import Context
from mcp_server.records.incident import record_of
from mcp_server.records.incident_chart import chart, page
from mcp_server.records.incident_history import history_of
from mcp_server.records.incident_metrics import IncidentTimes, report
from mcp_server.records.incident_report import INCIDENT_REPORT, Reported, ReportParams
from tests.fixtures.incidents import at, context, open_incident, update_incident
from tests.records.test_incident_update import NOON

moments = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
severities = st.sampled_from(["sev1", "sev4", "unknown"])
states = st.sampled_from(["triggered", "resolved", "by hand"])
incident_times = st.builds(
    IncidentTimes,
    st.text(),
    st.text(),
    severities,
    states,
    st.tuples(st.text()),
    moments,
    *[st.none() | moments] * 3,
    st.booleans(),
)


def reported(ctx: Context, **more: object) -> Reported:
    return INCIDENT_REPORT.run(ctx, ReportParams.of(more))


def three_incidents(fleet: DemoFleet) -> None:
    """One resolved without a page, one that came back and was resolved by one, one still open."""
    ctx = context(fleet)
    first = open_incident(at(ctx, NOON), "Queue <stands> still", agents=["opus-1"])
    update_incident(at(ctx, NOON + timedelta(minutes=10)), first.id, status="acknowledged")
    update_incident(at(ctx, NOON + timedelta(minutes=60)), first.id, status="resolved")
    later = NOON + timedelta(days=2)
    second = open_incident(at(ctx, later), "queue stands STILL", agents=["opus-1"])
    update_incident(at(ctx, later + timedelta(minutes=20)), second.id, status="acknowledged")
    update_incident(
        at(ctx, later + timedelta(minutes=30)), second.id, status="closed", runbook="queue-backlog", helped=True
    )
    open_incident(at(ctx, later + timedelta(hours=2)), "Disk full")


def test_it_reports_mean_times_repeated_problems_and_incidents_without_a_runbook(fleet: DemoFleet) -> None:
    three_incidents(fleet)
    found = reported(context(fleet))
    assert (found.incidents, len(found.open)) == (3, 1)
    [pace] = found.paces
    assert (pace.severity, pace.acknowledged, pace.mtta_minutes) == ("sev2", 2, 15.0)
    assert (pace.resolved, pace.mttr_minutes) == (1, 60.0)
    assert [len(offender.incidents) for offender in found.repeated_problems] == [2]
    assert [offender.name for offender in found.repeated_agents] == ["opus-1"]
    assert found.without_runbook == ("2026-03-02-queue-stands-still",)
    assert found.uncounted == ("2026-09-16-all-agents-logged-out", "2026-10-08-queue-backlog")
    assert "15 min (of 2)" in INCIDENT_REPORT.text(found)
    assert reported(context(fleet), since="2026-03-03").incidents == 2
    with pytest.raises(OpsError, match="is not a date"):
        reported(context(fleet), since="yesterday")


def test_a_clock_that_was_set_back_makes_a_time_unknown_and_not_negative(fleet: DemoFleet) -> None:
    ctx = context(fleet)
    one = open_incident(at(ctx, NOON))
    update_incident(at(ctx, NOON - timedelta(hours=3)), one.id, status="acknowledged")
    update_incident(at(ctx, NOON + timedelta(minutes=5)), one.id, status="resolved")
    [pace] = reported(ctx).paces
    assert (pace.mtta_minutes, pace.mttr_minutes) == (None, 5.0)
    record = record_of(one.path.read_text())
    assert record is not None
    assert history_of([record]).status == "resolved"


class Page(HTMLParser):
    """The tags and attributes of a page; a word of an incident that became one would be among them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)


KNOWN_TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "h1",
    "h2",
    "p",
    "svg",
    "g",
    "text",
    "rect",
    "table",
    "tr",
    "th",
    "td",
    "ul",
    "li",
}


@given(st.lists(incident_times, max_size=5), moments)
def test_any_incidents_give_a_page_of_known_tags_and_a_picture_that_is_inside_its_box(
    incidents: list[IncidentTimes], now: datetime
) -> None:
    text = page(incidents, report(incidents), now, None)
    parser = Page()
    parser.feed(text)
    assert parser.tags <= KNOWN_TAGS
    printable = [one for one in incidents if (one.id + one.title).isprintable()]
    picture = ElementTree.fromstring(chart(printable, now))
    for bar in picture.iter("rect"):
        assert float(bar.attrib["width"]) > 0
        assert 300 <= float(bar.attrib["x"]) <= 940


@given(st.lists(incident_times, max_size=6))
def test_no_mean_is_over_more_than_there_are(incidents: list[IncidentTimes]) -> None:
    found = report(incidents)
    assert sum(pace.incidents for pace in found.paces) == len(incidents)
    assert all(pace.acknowledged <= pace.incidents and pace.resolved <= pace.incidents for pace in found.paces)


_LOOKS = """
const { chromium } = require(process.env.OPS_E2E_PLAYWRIGHT);
(async () => {
  const options = { executablePath: process.argv[2], args: ["--no-sandbox"] };
  const browser = await chromium.launch(options);
  const page = await browser.newPage();
  const requests = [], errors = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto("file://" + process.argv[3]);
  const bars = await page.$$eval("svg rect", (all) => all.map((bar) => {
    const box = bar.getBoundingClientRect();
    return { width: box.width, right: box.right, fill: getComputedStyle(bar).fill };
  }));
  const titles = await page.$$eval("svg title", (all) => all.map((one) => one.textContent));
  const told = { titles, title: await page.title(), text: await page.innerText("body"), requests, errors, bars };
  told.inside = (await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  console.log(JSON.stringify(told));
  await browser.close();
})();
"""


@pytest.mark.e2e
def test_the_page_opens_in_a_real_browser_without_a_network(fleet: DemoFleet, tmp_path: Path) -> None:
    three_incidents(fleet)
    shown, script = tmp_path / "report.html", tmp_path / "look.cjs"
    shown.write_text(INCIDENT_REPORT.text(reported(context(fleet), html=True)))
    script.write_text(_LOOKS)
    browser = shutil.which("chromium")
    assert browser, "install Debian's chromium (.ci/run does)"
    assert os.environ.get("OPS_E2E_PLAYWRIGHT"), (
        "set OPS_E2E_PLAYWRIGHT to the playwright-core package (.ci/run does)"
    )
    command = ["node", str(script), browser, str(shown)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["title"] == "Incidents"
    assert (seen["requests"], seen["errors"], seen["inside"]) == ([f"file://{shown}"], [], True)
    assert len(seen["bars"]) == 5 + 3
    assert all(bar["width"] > 0 for bar in seen["bars"])
    assert {bar["fill"] for bar in seen["bars"]} == {"rgb(179, 38, 30)", "rgb(199, 119, 0)", "rgb(74, 111, 165)"}
    assert any(title.endswith(": Queue <stands> still") for title in seen["titles"])
    assert "queue stands STILL: 2 (" in seen["text"]
