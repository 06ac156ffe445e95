"""`token_check` on a real fleet, and what neither it nor `token_refresh` ever says."""

import json
from datetime import timedelta

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.document import as_json
from mcp_server.logins.check import TOKEN_CHECK
from mcp_server.logins.refresh import TOKEN_REFRESH
from tests.fixtures.logins import LAPSED, StandIn, check, lapse, refresh, stand_in, tokens_of, write_store

__all__ = ["stand_in"]  # the fixture


def test_a_healthy_fleet_needs_nothing(fleet: DemoFleet, stand_in: StandIn) -> None:
    answer = check(fleet)
    assert TOKEN_CHECK.ok(answer)
    assert TOKEN_CHECK.text(answer).splitlines()[-1] == "All logins are well."
    renewed = refresh(fleet, stand_in)
    assert (renewed.outcome, renewed.next, stand_in.runs) == ("not_needed", None, [])
    assert TOKEN_REFRESH.ok(renewed)


def test_a_lapsed_access_token_is_not_an_alarm(fleet: DemoFleet) -> None:
    lapse(fleet)
    answer = check(fleet)
    assert (answer.stores[0].state, TOKEN_CHECK.ok(answer)) == ("access_lapsed", True)


def test_a_login_that_ends_in_two_days_asks_for_a_human_in_time(fleet: DemoFleet, stand_in: StandIn) -> None:
    write_store(fleet.store, "host", LAPSED, timedelta(days=2))
    answer = check(fleet)
    assert not TOKEN_CHECK.ok(answer)
    assert "/login" in TOKEN_CHECK.text(answer).splitlines()[-1]
    renewed = refresh(fleet, stand_in)
    assert (renewed.outcome, renewed.stores[0].state) == ("refreshed", "login_ending")
    assert "/login" in (renewed.next or "")


def test_copies_are_to_be_resolved_before_everything_else(fleet: DemoFleet) -> None:
    write_store(fleet.store, "host", LAPSED, timedelta(days=2))
    for name in ("opus-1", "opus-2"):
        write_store(fleet.agent(name), "copied")
    assert TOKEN_CHECK.text(check(fleet)).splitlines()[-1].endswith("ops runbook read copied-login")


def test_an_answer_stays_bounded_in_a_fleet_full_of_hazards(fleet: DemoFleet) -> None:
    for number in range(70):
        folder = fleet.root / f"qa-{number}"
        folder.mkdir()
        (folder / ".env").write_text("ANTHROPIC_API_KEY=made-up\n", "utf-8")
    answer = check(fleet)
    assert (len(answer.hazards), answer.omitted) == (60, 10)
    assert "... and 10 more" in TOKEN_CHECK.text(answer)


def test_no_answer_shows_a_token(fleet: DemoFleet, stand_in: StandIn) -> None:
    store = lapse(fleet)
    write_store(fleet.agent("opus-1"), "copied")
    write_store(fleet.agent("opus-2"), "copied")
    secrets = [*tokens_of(store), *tokens_of(fleet.agent("opus-1") / ".credentials.json")]
    looked, renewed = check(fleet), refresh(fleet, stand_in)
    output = [TOKEN_CHECK.text(looked), TOKEN_REFRESH.text(renewed), repr(looked), repr(renewed)]
    output += [json.dumps(as_json(looked)), json.dumps(as_json(renewed)), json.dumps(stand_in.runs)]
    output += [path.read_text("utf-8") for path in (fleet.folder / "ops").rglob("*") if path.is_file()]
    for secret in [*secrets, *tokens_of(store)]:
        assert not [text for text in output if secret in text or secret[12:] in text]
