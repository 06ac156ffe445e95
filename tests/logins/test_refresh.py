"""`token_refresh`: what becomes of each kind of store; the official binary is a stand-in process here.

The real binary is driven in tests/e2e/test_token_refresh.py.
"""

import json
import resource
from datetime import timedelta
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.secret import Secret
from mcp_server.logins.check import TOKEN_CHECK
from mcp_server.logins.findings import login_findings
from mcp_server.logins.refresh import TOKEN_REFRESH, RefreshParams
from mcp_server.logins.watch import TOKEN_WATCH
from mcp_server.operation.operation import Params
from tests.fixtures.logins import LAPSED, StandIn, check, context, lapse, refresh, stand_in, tokens_of, write_store

__all__ = ["stand_in"]  # the fixture


def test_a_lapsed_login_is_renewed_and_read_back(fleet: DemoFleet, stand_in: StandIn) -> None:
    store = lapse(fleet)
    old = tokens_of(store)
    answer = refresh(fleet, stand_in)
    assert (answer.outcome, answer.stores[0].state, answer.restart) == ("refreshed", "healthy", ())
    assert answer.stores[0].generation == Secret(tokens_of(store)[1]).fingerprint()
    assert tokens_of(store) != old
    assert len(stand_in.runs) == 1


@pytest.mark.parametrize(
    ("behaviour", "outcome", "state"),
    [
        ("refused", "needs_login", "blanked"),
        ("nothing", "failed", "access_lapsed"),
        ("garbage", "failed", "unreadable"),
        ("lock", "in_progress", "busy"),
    ],
)
def test_the_outcome_is_what_the_store_says_after_a_run_that_exits_0(
    fleet: DemoFleet, stand_in: StandIn, behaviour: str, outcome: str, state: str
) -> None:
    lapse(fleet)
    stand_in.behave(behaviour)
    answer = refresh(fleet, stand_in)
    assert (answer.outcome, answer.stores[0].state) == (outcome, state)
    assert answer.next
    assert not TOKEN_REFRESH.ok(answer)
    assert TOKEN_REFRESH.text(answer).splitlines()[-1] == f"Next: {answer.next}"


NEEDS_HOME = '. "$HOME/.nvm/nvm.sh"\nexec claude "$@"\n'


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("#!/no/such/interpreter\n", "does not start: No such file"),
        (f"#!/bin/sh\n{NEEDS_HOME}", "claude ended with exit code"),
        ("#!/bin/sh\necho 'it is broken' >&2\nexit 1\n", "claude ended with exit code 1: it is broken"),
        ("#!/usr/bin/env no-such-node\n", "claude ended with exit code 127"),
        ("#!/bin/sh\nexit 3\n", "claude ended with exit code 3, and said nothing"),
        ("#!/bin/sh\nexit 0\n", "claude ended with exit code 0, and no new token was saved"),
        ("#!/bin/sh\nkill -9 $$\n", "claude ended with exit code -9"),
    ],
)
def test_a_claude_that_did_not_run_is_not_said_to_have_run(
    fleet: DemoFleet, stand_in: StandIn, program: str, message: str
) -> None:
    before = lapse(fleet).read_bytes()
    stand_in.program.write_text(program)
    answer = refresh(fleet, stand_in)
    assert answer.outcome == "failed"
    assert message in answer.stores[0].message
    assert "Claude Code ran" not in TOKEN_REFRESH.text(answer)
    assert answer.next
    assert (fleet.store / ".credentials.json").read_bytes() == before


def test_what_a_child_says_has_no_token_and_its_exit_code_does_not_hide_a_renewal(
    fleet: DemoFleet, stand_in: StandIn
) -> None:
    store = lapse(fleet)
    stand_in.program.write_text(f"#!/bin/sh\ncat {store} >&2\nexit 1\n")
    assert not [token for token in tokens_of(store) if token in repr(refresh(fleet, stand_in))]
    later = write_store(fleet.folder / "later", "new").read_text("utf-8")
    stand_in.program.write_text(f"#!/bin/sh\ncat > {store} <<'EOF'\n{later}\nEOF\nexit 1\n")
    assert refresh(fleet, stand_in).outcome == "refreshed"


@pytest.mark.parametrize(
    ("line", "message", "step"),
    [
        ("OAuth refresh failed (expected): Request failed with status code 429", "answered 429, too many", "half an"),
        (
            "/v1/oauth/token,status=500] AxiosError: Request failed with status code 500",
            "answered 500",
            "few minutes",
        ),
        ("OAuth refresh failed (expected): socket hang up", "was not reached: socket hang up", "is reached"),
    ],
)
def test_why_the_server_gave_no_token_is_told_and_leads_to_another_step(
    fleet: DemoFleet, stand_in: StandIn, line: str, message: str, step: str
) -> None:
    lapse(fleet)
    log = f'mkdir -p "$CLAUDE_CONFIG_DIR/debug"; echo "[ERROR] {line}" > "$CLAUDE_CONFIG_DIR/debug/1.txt"'
    stand_in.program.write_text(f"#!/bin/sh\n{log}\n")
    answer = refresh(fleet, stand_in)
    assert message in answer.stores[0].message
    assert step in (answer.next or "")


def full_disk(path: Path, size: int) -> str:
    return f"No space left on device for {size} bytes of {path.name}"


@pytest.mark.parametrize("due", [True, False])
def test_a_renewal_that_could_not_be_saved_is_told_alike_by_check_watch_audit_and_refresh(
    fleet: DemoFleet, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, due: bool
) -> None:
    write_store(fleet.store, "host", LAPSED if due else timedelta(hours=3))
    monkeypatch.setattr("mcp_server.system.files.hindrance", full_disk)
    checked, ctx = check(fleet), context(fleet)
    (hazard,) = checked.hazards
    assert (hazard.code, TOKEN_CHECK.ok(checked)) == ("renewal_unsavable", False)
    assert "All logins are well" not in TOKEN_CHECK.text(checked)
    watched = TOKEN_WATCH.run(ctx, Params())
    assert not TOKEN_WATCH.ok(watched)
    found = {c.finding.code: c.finding for c in login_findings(ctx, ctx.fleet.agents).concerns}["renewal_unsavable"]
    assert found.severity == "critical"
    renewed = refresh(fleet, stand_in)
    assert (renewed.outcome, TOKEN_REFRESH.ok(renewed), stand_in.runs) == ("failed", False, [])
    assert len({checked.next, watched.next, found.next, renewed.next}) == 1
    assert str(fleet.store) in (renewed.next or "")


def test_on_macos_a_login_in_the_keychain_is_told_once_and_nothing_is_failed_for_it(
    fleet: DemoFleet, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    lapse(fleet).unlink()
    monkeypatch.setattr("sys.platform", "darwin")
    checked, ctx = check(fleet), context(fleet)
    assert (checked.stores[0].state, checked.next, TOKEN_CHECK.ok(checked)) == ("in_keychain", None, True)
    assert TOKEN_CHECK.text(checked).count("keychain, which ops does not read") == 1
    assert "All logins are well" not in TOKEN_CHECK.text(checked)
    renewed = refresh(fleet, stand_in)
    assert (renewed.outcome, renewed.stores, stand_in.runs) == ("not_needed", (), [])
    assert TOKEN_REFRESH.text(renewed).count("keychain") == 1
    watched = TOKEN_WATCH.run(ctx, Params())
    assert TOKEN_WATCH.ok(watched)
    assert "keychain" in TOKEN_WATCH.text(watched)
    (concern,) = login_findings(ctx, ctx.fleet.agents).concerns
    assert (concern.finding.code, concern.finding.severity) == ("login_in_keychain", "notice")
    write_store(fleet.store, "in a file")
    assert check(fleet).stores[0].state == "healthy"


@pytest.mark.parametrize("state", ["blanked", "absent", "login_expired"])
def test_a_login_that_is_over_needs_a_human_and_no_run(fleet: DemoFleet, stand_in: StandIn, state: str) -> None:
    match state:
        case "blanked":
            lapse(fleet).write_text('{"claudeAiOauth": {"accessToken": "", "refreshToken": "", "expiresAt": 0}}')
        case "absent":
            lapse(fleet).unlink()
        case _:
            write_store(fleet.store, "host", LAPSED, LAPSED)
    answer = refresh(fleet, stand_in)
    assert (answer.outcome, answer.stores[0].state, stand_in.runs) == ("needs_login", state, [])
    assert "/login" in (answer.next or "")
    assert not TOKEN_CHECK.ok(check(fleet))


def test_copies_of_one_login_are_never_renewed(fleet: DemoFleet, stand_in: StandIn) -> None:
    stores = [write_store(folder, "copied", LAPSED) for folder in (fleet.store, fleet.agent("opus-1"))]
    before = [store.read_bytes() for store in stores]
    answer = refresh(fleet, stand_in)
    assert (answer.outcome, [s.outcome for s in answer.stores]) == ("refused", ["refused", "refused"])
    assert answer.next == "Keep one of the copies, see the plan: ops token consolidate"
    assert ([store.read_bytes() for store in stores], stand_in.runs) == (before, [])


def test_a_copy_elsewhere_does_not_keep_another_login_from_being_renewed(fleet: DemoFleet, stand_in: StandIn) -> None:
    lapse(fleet)
    for name in ("opus-1", "opus-2"):
        write_store(fleet.agent(name), "copied", LAPSED)
    answer = refresh(fleet, stand_in)
    assert (answer.outcome, [s.outcome for s in answer.stores]) == ("refused", ["refreshed", "refused", "refused"])
    assert len(stand_in.runs) == 1


def test_a_linked_store_is_refused_and_stays_a_link(fleet: DemoFleet, stand_in: StandIn) -> None:
    link = fleet.agent("opus-1") / ".credentials.json"
    link.symlink_to(fleet.store / ".credentials.json")
    answer = refresh(fleet, stand_in)
    assert (answer.outcome, link.is_symlink(), stand_in.runs) == ("refused", True, [])


def test_a_store_that_cannot_be_read_fails_and_is_left_alone(fleet: DemoFleet, stand_in: StandIn) -> None:
    store = lapse(fleet)
    store.write_bytes(b"{cut off")
    answer = refresh(fleet, stand_in)
    assert (answer.outcome, store.read_bytes(), stand_in.runs) == ("failed", b"{cut off", [])
    assert str(store) in answer.stores[0].message


@pytest.mark.parametrize("claude", ["", "claude", "/nowhere/claude"])
def test_without_the_official_binary_nothing_is_tried_and_the_next_step_is_named(
    fleet: DemoFleet, claude: str
) -> None:
    store = lapse(fleet)
    before = store.read_bytes()
    answer = TOKEN_REFRESH.run(context(fleet, PATH="/nowhere", OPS_CLAUDE=claude), RefreshParams())
    assert (answer.outcome, store.read_bytes()) == ("failed", before)
    assert "OPS_CLAUDE" in (answer.next or "")


def test_on_a_full_disk_no_renewal_is_started(fleet: DemoFleet, stand_in: StandIn) -> None:
    lapse(fleet)
    whole = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, whole[1]))
    try:
        answer = refresh(fleet, stand_in)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, whole)
    assert (answer.outcome, stand_in.runs) == ("failed", [])
    assert str(fleet.store) in answer.stores[0].message
    assert (answer.next or "").startswith("Free space")


def test_early_a_login_with_time_left_is_renewed_and_a_new_one_is_not(fleet: DemoFleet, stand_in: StandIn) -> None:
    assert refresh(fleet, stand_in, early=True).outcome == "refreshed"
    assert refresh(fleet, stand_in, early=True).outcome == "not_needed"
    assert len(stand_in.runs) == 1


@pytest.mark.parametrize(("behaviour", "outcome"), [("nothing", "failed"), ("lock", "in_progress")])
def test_early_without_success_the_store_is_byte_for_byte_as_before_unless_a_client_has_it_in_hand(
    fleet: DemoFleet, stand_in: StandIn, behaviour: str, outcome: str
) -> None:
    store = write_store(fleet.store, "host", timedelta(hours=3))
    document = json.loads(store.read_text())
    store.write_text(json.dumps({"mcpOAuth": {"expiresAt": 1.0}, **document, "kept": [1, 2]}, indent=4) + "\n")
    before = store.read_bytes()
    stand_in.behave(behaviour)
    assert refresh(fleet, stand_in, early=True).outcome == outcome
    assert (store.read_bytes() == before) == (outcome == "failed")
    assert tokens_of(store) == (
        document["claudeAiOauth"]["accessToken"],
        document["claudeAiOauth"]["refreshToken"],
    )


def test_early_copies_are_refused_and_a_client_that_renews_is_left_alone(fleet: DemoFleet, stand_in: StandIn) -> None:
    write_store(fleet.agent("opus-1"), "host")
    assert refresh(fleet, stand_in, early=True).outcome == "refused"
    (fleet.agent("opus-1") / ".credentials.json").unlink()
    (fleet.store / ".oauth_refresh.lock").mkdir()
    before = (fleet.store / ".credentials.json").read_bytes()
    assert refresh(fleet, stand_in, early=True).outcome == "in_progress"
    assert ((fleet.store / ".credentials.json").read_bytes(), stand_in.runs) == (before, [])
