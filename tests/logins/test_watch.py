"""`ops token watch`: told once at each change for the worse, by a real webhook on loopback."""

import configparser
import json
import shlex
import subprocess
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.logins.systemd import TOKEN_SYSTEMD
from mcp_server.logins.watch import TOKEN_WATCH, TokenWatch
from mcp_server.notices.send import NOTICE_SEND, SendParams
from mcp_server.operation.operation import Params
from tests.fixtures.http_server import Listener, listening
from tests.fixtures.logins import context, write_store


@pytest.fixture
def hook() -> Generator[Listener]:
    with listening() as found:
        yield found


def watch(fleet: DemoFleet, webhook: str | None = None) -> TokenWatch:
    answer = TOKEN_WATCH.run(context(fleet, **({"OPS_WEBHOOK": webhook} if webhook else {})), Params())
    assert isinstance(answer, TokenWatch)
    assert "\n" not in TOKEN_WATCH.text(answer)
    assert webhook is None or webhook not in repr(answer) + TOKEN_WATCH.text(answer)
    return answer


def test_a_healthy_fleet_is_one_line_and_no_message(fleet: DemoFleet, hook: Listener) -> None:
    answer = watch(fleet, hook.url)
    assert (TOKEN_WATCH.ok(answer), TOKEN_WATCH.text(answer), hook.got) == (True, "ops: all logins are well", [])


def test_each_change_for_the_worse_is_reported_once(fleet: DemoFleet, hook: Listener) -> None:
    write_store(fleet.store, "host", login=timedelta(days=2))
    for sending in ("sent", "nothing new", "nothing new"):
        answer = watch(fleet, hook.url)
        assert (answer.told, TOKEN_WATCH.ok(answer)) == (sending, False)
    (fleet.store / ".credentials.json").chmod(0o644)
    assert watch(fleet, hook.url).told == "sent"
    write_store(fleet.store, "host")
    (fleet.store / ".credentials.json").chmod(0o600)
    assert watch(fleet, hook.url).told == "nothing new"
    write_store(fleet.store, "host", login=timedelta(days=2))
    assert watch(fleet, hook.url).told == "sent"
    messages = [json.loads(body) for body in hook.got]
    assert [list(message) for message in messages] == [["text"]] * 3
    assert "/login" in messages[0]["text"]
    assert "wide_mode" not in messages[0]["text"]
    assert "mode 0644" in messages[1]["text"]
    assert "ends soon" not in messages[1]["text"]


def test_a_message_that_failed_waits_and_is_sent_again(fleet: DemoFleet, hook: Listener) -> None:
    write_store(fleet.store, "host", login=timedelta(days=2))
    hook.answers = [(500, b""), (0, b""), (200, b"ok")]
    assert [watch(fleet, hook.url).told for _ in range(2)] == ["waiting", "waiting"]
    assert len(hook.got) == 1  # the second was before its time
    for left in (1, 0):
        answer = NOTICE_SEND.run(context(fleet, OPS_WEBHOOK=hook.url), SendParams())
        assert (len(answer.left), NOTICE_SEND.ok(answer)) == (left, not left)
    assert watch(fleet, "http://127.0.0.1:9/secret").told == "nothing new"


def test_a_webhook_without_tls_is_refused_and_not_shown(fleet: DemoFleet) -> None:
    write_store(fleet.store, "host", login=timedelta(days=2))
    answer = watch(fleet, "http://hooks.example/services/canary")
    assert answer.told == "waiting"
    assert "canary" not in TOKEN_WATCH.text(answer)


def test_the_units_are_ones_that_systemd_can_read_and_run_the_watch(fleet: DemoFleet) -> None:
    units = TOKEN_SYSTEMD.run(context(fleet), Params())
    service, timer = configparser.RawConfigParser(strict=False), configparser.RawConfigParser()
    service.read_string(units.service)
    timer.read_string(units.timer)
    command = shlex.split(service["Service"]["ExecStart"])
    assert command[1:] == ["--fleet", str(fleet.root), "token", "watch"]
    assert subprocess.run([command[0], "--version"], capture_output=True, check=True).stdout.startswith(b"ops ")
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_no_token_is_in_a_message(fleet: DemoFleet, hook: Listener, tmp_path: Path) -> None:
    key = "canary-" + "x" * 30
    (fleet.agent("opus-1") / ".env").write_text(f"ANTHROPIC_API_KEY={key}\n")
    write_store(fleet.agent("opus-1"), "copied")
    write_store(fleet.agent("opus-2"), "copied")
    watch(fleet, hook.url)
    assert b"copies" in hook.got[0] or b"stores" in hook.got[0]
    assert b"canary" not in hook.got[0]
    assert b"sk-ant" not in hook.got[0]
