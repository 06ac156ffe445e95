"""Notices of incidents, sent to servers on loopback that fail in every way: none is lost, none is sent twice."""

import json
import os
import socket
import subprocess
import threading
from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.secret import Secret
from mcp_server.logins.watch import TOKEN_WATCH
from mcp_server.notices.look_spool import spooled
from mcp_server.notices.notice import SECRETS, Notice, message, wait_after
from mcp_server.notices.send import NOTICE_SEND, SendParams
from mcp_server.operation.context import Context
from mcp_server.operation.operation import Params
from mcp_server.records.incident_open import INCIDENT_OPEN, Opened, OpenParams
from mcp_server.records.incident_update import INCIDENT_UPDATE, UpdateParams
from mcp_server.server.pump import caller
from mcp_server.system.http import Http, Reply
from tests.fixtures.http_server import Listener, listening
from tests.fixtures.logins import context

ROOT = Path(__file__).resolve().parents[2]
KEY = "made-up-routing-key"


@pytest.fixture
def hook() -> Generator[Listener]:
    with listening() as found:
        yield found


@pytest.fixture
def pager() -> Generator[Listener]:
    with listening() as found:
        found.answers = [(202, b'{"status":"success"}')]
        yield found


@dataclass
class Desk:
    """Opens and updates incidents at a time of its own, with these targets."""

    fleet: DemoFleet
    environment: dict[str, str]
    now: datetime
    patience: float = 30.0

    @property
    def context(self) -> Context:
        ctx, moment = context(self.fleet, caller="ops-1", **self.environment), self.now

        class Stopped:
            def now(self) -> datetime:
                return moment

        world = replace(ctx.world, clock=Stopped(), http=Impatient(self.patience))
        return replace(ctx, world=world)

    def open(self, title: str = "Logins lost") -> Opened:
        params = OpenParams(title=title, severity="sev2", summary="It began", agents=["opus-1"])
        opened = INCIDENT_OPEN.run(self.context, params)
        assert isinstance(opened, Opened)
        assert KEY not in repr(opened)
        return opened

    def update(self, incident: str, **more: Any) -> str | None:
        notified: str | None = INCIDENT_UPDATE.run(self.context, UpdateParams(id=incident, **more)).notified
        return notified

    @property
    def spool(self) -> list[Path]:
        return sorted((self.fleet.folder / "ops" / "notices").glob("*.json"))


class Impatient(Http):
    """Waits at most this many seconds, whatever the caller asks for."""

    def __init__(self, most: float) -> None:
        super().__init__()
        self._limit = most

    def post(self, url: Secret, **more: Any) -> Reply:
        more["patience"] = min(more.get("patience") or 30.0, self._limit)
        return super().post(url, **more)


@pytest.fixture
def desk(fleet: DemoFleet, hook: Listener, pager: Listener) -> Desk:
    own = {"OPS_WEBHOOK": hook.url, "OPS_PAGERDUTY_KEY": KEY, "OPS_PAGERDUTY_URL": pager.url}
    return Desk(fleet, own, datetime.now(UTC).replace(microsecond=0))


def test_opening_changes_of_severity_and_the_end_are_sent_in_the_form_of_each_target(
    desk: Desk, hook: Listener, pager: Listener
) -> None:
    opened = desk.open()
    assert (opened.notified, desk.spool) == ("sent to webhook, pagerduty", [])
    assert desk.update(opened.id, entry="only a remark") is None
    assert desk.update(opened.id, severity="sev1")
    assert desk.update(opened.id, status="resolved", entry="done")
    assert desk.update(opened.id, status="closed") is None
    assert desk.update(opened.id, status="triggered", entry="again")
    plain = [json.loads(body) for body in hook.got]
    assert [message["notice"]["event"] for message in plain] == ["opened", "severity", "resolved", "reopened"]
    assert "Logins lost" in plain[0]["text"]
    paged = [json.loads(body) for body in pager.got]
    assert [message["event_action"] for message in paged] == ["trigger", "trigger", "resolve", "trigger"]
    assert {message["routing_key"] for message in paged} == {KEY}
    assert len({message["dedup_key"] for message in paged}) == 1
    assert [message["payload"]["severity"] for message in paged if "payload" in message] == [
        "error",
        "critical",
        "critical",
    ]
    assert len({headers["idempotency-key"] for headers in hook.headers}) == 4


FAILURES: list[list[tuple[int, bytes]]] = [
    [(500, b"")],
    [(503, b"<html>")],
    [(404, b"no such hook")],
    [(301, b"")],
    [(0, b"")],
]


@pytest.mark.parametrize("answers", FAILURES)
def test_a_failed_notice_waits_longer_each_time_and_is_sent_as_soon_as_possible(
    desk: Desk, hook: Listener, answers: list[tuple[int, bytes]]
) -> None:
    hook.answers = answers
    opened = desk.open()
    assert (opened.notified or "").startswith("sent to pagerduty; 1 notice not sent yet (webhook: it answered ")
    desk.update(opened.id, severity="sev1")  # it waits behind the first, and neither is tried before it is due
    assert len(hook.got) == 1
    desk.now += timedelta(seconds=31)
    desk.update(opened.id, severity="sev3")
    desk.now += timedelta(seconds=31)
    desk.update(opened.id, status="resolved")
    assert (len(hook.got), len(desk.spool)) == (2, 4)
    hook.answers = [(200, b"ok")]
    desk.now += timedelta(seconds=31)
    TOKEN_WATCH.run(desk.context, Params())
    assert desk.spool == []
    events = [json.loads(body)["notice"]["event"] for body in hook.got]
    assert events == ["opened", "opened", "opened", "severity", "severity", "resolved"]
    keys = [headers["idempotency-key"] for headers in hook.headers]
    assert (keys[0] == keys[1] == keys[2], len(set(keys))) == (True, 4)


def test_the_wait_that_a_server_asks_for_is_respected(desk: Desk, hook: Listener) -> None:
    hook.answers, hook.more = [(429, b"")], {"retry-after": "600"}
    opened = desk.open()
    desk.now += timedelta(seconds=590)
    desk.update(opened.id, severity="sev1")
    assert len(hook.got) == 1
    desk.now += timedelta(seconds=11)
    TOKEN_WATCH.run(desk.context, Params())
    assert len(hook.got) == 2


def test_a_clock_that_jumps_back_does_not_delay_a_notice(desk: Desk, hook: Listener) -> None:
    hook.answers = [(500, b""), (200, b"")]
    desk.now += timedelta(days=400)
    desk.open()
    desk.now -= timedelta(days=400)
    TOKEN_WATCH.run(desk.context, Params())
    assert (len(hook.got), desk.spool) == (2, [])


def test_without_an_answer_no_notice_is_lost_and_the_call_ends_in_time(desk: Desk, hook: Listener) -> None:
    with Silent() as address:
        desk.environment["OPS_WEBHOOK"], desk.patience = address, 0.3
        opened = desk.open()
    assert "1 notice not sent yet (webhook: it answered nothing)" in (opened.notified or "")
    desk.environment["OPS_WEBHOOK"] = "http://127.0.0.1:9/nobody"
    answer = NOTICE_SEND.run(desk.context, SendParams())
    assert "cannot be reached" in answer.told
    assert not NOTICE_SEND.ok(answer)
    del desk.environment["OPS_WEBHOOK"]
    assert "no OPS_WEBHOOK in the environment" in NOTICE_SEND.run(desk.context, SendParams()).told
    desk.environment["OPS_WEBHOOK"] = hook.url
    answer = NOTICE_SEND.run(desk.context, SendParams())
    assert (answer.sent, NOTICE_SEND.ok(answer), desk.spool) == (("webhook",), True, [])
    assert json.loads(hook.got[0])["notice"]["event"] == "opened"


class Silent:
    """Accepts connections and never answers."""

    def __enter__(self) -> str:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._hold, daemon=True)
        self._thread.start()
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/x"

    def _hold(self) -> None:
        try:
            while True:
                self._held.append(self._listener.accept()[0])
        except OSError:
            return

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        for each in (self._listener, *self._held):
            each.close()


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_refused_message_waits_with_its_reason_and_does_not_hold_up_the_next(
    desk: Desk, pager: Listener, status: int
) -> None:
    pager.answers = [(status, b'{"status":"invalid event"}')]
    first = desk.open()
    assert f"1 notice not sent yet (pagerduty: it answered {status})" in (first.notified or "")
    pager.answers = [(202, b"")]
    second = desk.open("Disk full")
    assert "sent to webhook, pagerduty" in (second.notified or "")
    watched = TOKEN_WATCH.run(desk.context, Params())
    assert (watched.told, watched.problem) == ("waiting", f"pagerduty: it answered {status}, tried again later")
    assert not TOKEN_WATCH.ok(watched)
    (waiting,) = spooled(desk.context.world)
    assert (waiting.refused, waiting.problem, waiting.tries) == (True, f"it answered {status}", 1)
    answer = NOTICE_SEND.run(desk.context, SendParams())
    assert (answer.sent, answer.left, answer.next) == (("pagerduty",), (), None)


def test_pagerduty_gets_no_end_of_an_incident_whose_beginning_it_refused(desk: Desk, pager: Listener) -> None:
    pager.answers = [(400, b"{}")]
    opened = desk.open()
    pager.answers = [(202, b"")]
    desk.update(opened.id, status="resolved", entry="done")
    assert len([*spooled(desk.context.world)]) == 2
    answer = NOTICE_SEND.run(desk.context, SendParams())
    assert (answer.left, answer.next) == ((), None)
    assert [json.loads(body)["event_action"] for body in pager.got[-2:]] == ["trigger", "resolve"]


def test_a_refused_notice_that_nobody_wants_any_more_is_given_up_as_the_answer_says(
    desk: Desk, hook: Listener
) -> None:
    hook.answers = [(413, b"")]
    desk.open()
    step = NOTICE_SEND.run(desk.context, SendParams()).next or ""
    subprocess.run(["sh", "-c", step.partition("give up the refused notice: ")[2]], check=True)
    assert NOTICE_SEND.run(desk.context, SendParams()).next is None


def test_a_process_without_the_secret_leaves_the_notice_to_one_that_has_it(desk: Desk, hook: Listener) -> None:
    with (desk.fleet.root / "fleet.toml").open("a") as file:
        file.write('[notify]\ntargets = ["webhook"]\n')
    own, desk.environment = desk.environment, {}
    notified = desk.open().notified or ""
    assert "1 notice not sent yet (webhook: no OPS_WEBHOOK" in notified
    assert notified.endswith("in a shell that has the secret: ops notice send")
    desk.environment = own
    TOKEN_WATCH.run(desk.context, Params())
    assert len(hook.got) == 1


def test_the_hook_of_a_client_that_keeps_the_secret_sends_the_notice_and_reports_it(
    desk: Desk, hook: Listener
) -> None:
    own, desk.environment = desk.environment, caller.sent_variables(desk.environment)
    assert hook.url not in desk.environment.values()
    notified = desk.open().notified or ""
    assert "2 notices not sent yet (webhook: OPS_WEBHOOK stays with the client" in notified
    environment = {**os.environ, **own, "OPS_HOME": str(desk.fleet.folder / "ops"), "PYTHONPATH": str(ROOT)}
    output = json.loads(sent_by_the_hook(environment))
    assert output["hookSpecificOutput"] == {
        "hookEventName": "PostToolUse",
        "additionalContext": "ops: sent to webhook, pagerduty",
    }
    assert (len(hook.got), desk.spool) == (1, [])
    assert sent_by_the_hook(environment) == "", "nothing waits"
    hook.answers = [(500, b"")]
    desk.open("Disk full")
    assert "it answered 500" in json.loads(sent_by_the_hook(environment))["systemMessage"]
    for name in caller.NOTICES:
        del environment[name]
    assert sent_by_the_hook(environment) == "", "a client without a secret is not asked"


def sent_by_the_hook(environment: dict[str, str]) -> str:
    done = subprocess.run(
        [ROOT / "hooks" / "notice-send"], env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stderr == ""
    return done.stdout


def test_the_secrets_that_stay_with_the_client_are_those_of_the_notices() -> None:
    assert set(caller.NOTICES) == set(SECRETS.values())


def test_without_targets_nobody_is_notified_and_the_spool_is_private_and_holds_no_secret(
    desk: Desk, hook: Listener
) -> None:
    own, desk.environment = desk.environment, {}
    assert ("nobody was notified" in (desk.open().notified or ""), desk.spool) == (True, [])
    desk.environment, hook.answers = own, [(500, b"")]
    desk.open("Disk full")
    (waiting,) = desk.spool
    assert (waiting.stat().st_mode & 0o777, waiting.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    held = "".join(path.read_text() for path in (desk.fleet.folder / "ops").rglob("*.json"))
    assert KEY not in held
    assert hook.url not in held


def test_slack_gets_only_the_fields_of_slack() -> None:
    one = Notice("1", "f/x", "opened", "2026-11-25T00:00:00+00:00", "title", "text", "sev1", "f")
    assert message("webhook", one, Secret("https://hooks.slack.com/services/x")) == {"text": "title\ntext"}
    document = message("webhook", one, Secret("https://hooks.example/x"))
    assert isinstance(document, dict)
    assert set(document) == {"text", "notice"}


def test_the_wait_doubles_up_to_an_hour_and_is_never_shorter_than_the_server_asked_for() -> None:
    assert [wait_after(tries, None).total_seconds() for tries in (1, 2, 3, 40)] == [30, 60, 120, 3600]
    assert wait_after(1, 7200).total_seconds() == 7200
