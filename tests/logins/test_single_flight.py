"""Renewals that meet each other: many callers, callers that die, locks; the official binary is a stand-in here.

The real binary is driven in tests/e2e/test_token_refresh.py.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.fixtures.logins import LAPSED, StandIn, lapse, refresh, stand_in, tokens_of, write_store

__all__ = ["stand_in"]  # the fixture
ROOT = Path(__file__).resolve().parents[2]
CALLER = """
import sys
from pathlib import Path
from mcp_server.logins.refresh import TOKEN_REFRESH, RefreshParams
from mcp_server.server.wiring import context_of
import os
import resource
context = context_of(dict(os.environ), Path(sys.argv[1]), fleet=Path(sys.argv[1]))
print(TOKEN_REFRESH.run(context, RefreshParams()).outcome)
"""


def eventually(true: Callable[[], bool]) -> None:
    """Wait for at most 30 s until `true` returns True."""
    for _ in range(3000):
        if true():
            return
        time.sleep(0.01)  # other processes bring it about
    pytest.fail("it did not happen within 30 s")


def locks_held_open(fleet: DemoFleet) -> int:
    """How many callers in this process have come as far as the flight's lock."""
    held = [path.stat().st_ino for path in (fleet.folder / "ops" / "locks").glob("login-*.lock")]
    return sum(_inode(fd) in held for fd in range(3, 300))


def _inode(fd: int) -> int | None:
    try:
        return os.fstat(fd).st_ino
    except OSError:
        return None


@pytest.mark.parametrize(
    ("behaviour", "outcome"), [("rotate", "refreshed"), ("nothing", "failed"), ("refused", "needs_login")]
)
def test_25_callers_at_once_cause_one_run_and_all_get_the_true_outcome(
    fleet: DemoFleet, stand_in: StandIn, behaviour: str, outcome: str
) -> None:
    lapse(fleet)
    stand_in.behave(f"wait:{behaviour}")
    with ThreadPoolExecutor(25) as callers:
        answers = [callers.submit(refresh, fleet, stand_in) for _ in range(25)]
        eventually(lambda: locks_held_open(fleet) == 25)
        stand_in.go()
        outcomes = Counter(answer.result(60).outcome for answer in answers)
    assert (outcomes, len(stand_in.runs)) == ({outcome: 25}, 1)


def test_early_25_callers_at_once_cause_one_run(fleet: DemoFleet, stand_in: StandIn) -> None:
    stand_in.behave("wait:rotate")
    with ThreadPoolExecutor(25) as callers:
        answers = [callers.submit(refresh, fleet, stand_in, early=True) for _ in range(25)]
        eventually(lambda: locks_held_open(fleet) == 25)
        stand_in.go()
        outcomes = Counter(answer.result(60).outcome for answer in answers)
    assert (outcomes, len(stand_in.runs)) == ({"refreshed": 25}, 1)


def test_the_death_of_the_caller_does_not_end_the_renewal(fleet: DemoFleet, stand_in: StandIn) -> None:
    store = lapse(fleet)
    stand_in.behave("wait:rotate")
    environment = {"PATH": os.environ["PATH"], "HOME": str(fleet.home), "OPS_HOME": str(fleet.folder / "ops")}
    environment |= {"OPS_CLAUDE": str(stand_in.program), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", CALLER, str(fleet.root)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as caller:
        eventually(lambda: len(stand_in.runs) == 1)
        caller.kill()
    with ThreadPoolExecutor(1) as callers:
        answer = callers.submit(refresh, fleet, stand_in)
        eventually(lambda: locks_held_open(fleet) == 1)
        stand_in.go()
        assert answer.result(60).outcome == "refreshed"
    assert (len(stand_in.runs), "made-up-access" in tokens_of(store)[0]) == (1, True)


def test_the_run_gets_empty_folders_the_store_and_no_login_of_the_caller(fleet: DemoFleet, stand_in: StandIn) -> None:
    lapse(fleet)
    proxy = "http://127.0.0.1:9"
    keys = {"ANTHROPIC_API_KEY": "canary", "CLAUDE_CODE_OAUTH_TOKEN": "canary", "GH_TOKEN": "canary"}
    refresh(fleet, stand_in, {**keys, "HTTPS_PROXY": proxy})
    (run,) = stand_in.runs
    environment = cast("dict[str, str]", run["environment"])
    assert (run["arguments"], run["config"], run["work"]) == (["mcp", "list"], [], [])
    assert run["leads_its_session"]
    assert "canary" not in json.dumps(run)
    assert environment["CLAUDE_SECURESTORAGE_CONFIG_DIR"] == str(fleet.store)
    assert environment["HTTPS_PROXY"] == proxy
    assert not Path(environment["CLAUDE_CONFIG_DIR"]).is_relative_to(fleet.home)
    assert not Path(environment["CLAUDE_CONFIG_DIR"]).exists()


def test_a_busy_store_that_is_not_due_is_left_to_whoever_renews_it(fleet: DemoFleet, stand_in: StandIn) -> None:
    (fleet.store / ".oauth_refresh.lock").mkdir()
    assert (refresh(fleet, stand_in).outcome, stand_in.runs) == ("in_progress", [])


@pytest.mark.parametrize("left", [timedelta(hours=6), LAPSED])
def test_locks_of_crashed_clients_are_gone_after_the_next_call(
    fleet: DemoFleet, stand_in: StandIn, left: timedelta
) -> None:
    write_store(fleet.store, "host", left)
    locks = [fleet.store / name for name in (".oauth_refresh.lock", ".storage-write.lock")]
    for lock in locks:
        lock.mkdir()
    refresh(fleet, stand_in)
    assert [lock.exists() for lock in locks] == [True, True]
    for lock in locks:
        os.utime(lock, (0, 0))
    assert refresh(fleet, stand_in).outcome in ("not_needed", "refreshed")
    assert [lock.exists() for lock in locks] == [False, False]
