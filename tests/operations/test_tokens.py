"""`token_check` and `token_refresh` on a real fleet; the official binary is a stand-in process here.

The real binary is driven in tests/e2e/test_token_refresh.py.
"""

import json
import os
import resource
import shutil
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
from mcp_server.domain.document import as_json
from mcp_server.domain.secret import Secret
from mcp_server.operations.token_refresh import TOKEN_REFRESH, RefreshParams, TokenRefresh
from mcp_server.operations.tokens import TOKEN_CHECK, TokenCheck
from mcp_server.ports import Params
from tests.logins import LAPSED, StandIn, context, tokens_of, write_store

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    return StandIn(tmp_path / "bin", "rotate")


def check(fleet: DemoFleet) -> TokenCheck:
    answer = TOKEN_CHECK.run(context(fleet, PATH=str(git_alone(fleet.folder / "programs"))), Params())
    assert isinstance(answer, TokenCheck)
    return answer


def git_alone(folder: Path) -> Path:
    """A folder for a PATH on which there is git, and neither `claude` nor `docker`."""
    folder.mkdir(exist_ok=True)
    program = shutil.which("git")
    assert program
    if not (folder / "git").exists():
        (folder / "git").symlink_to(program)
    return folder


def refresh(fleet: DemoFleet, claude: StandIn, **environment: str) -> TokenRefresh:
    answer = TOKEN_REFRESH.run(context(fleet, OPS_CLAUDE=str(claude.program), **environment), RefreshParams())
    assert isinstance(answer, TokenRefresh)
    return answer


def lapse(fleet: DemoFleet) -> Path:
    return write_store(fleet.store, "host", LAPSED)


def eventually(true: Callable[[], bool]) -> None:
    """Wait for at most 30 s until something is so."""
    for _ in range(3000):
        if true():
            return
        time.sleep(0.01)  # other processes bring it about
    pytest.fail("it did not come about within 30 s")


def test_a_healthy_fleet_needs_nothing(fleet: DemoFleet, stand_in: StandIn) -> None:
    answer = check(fleet)
    assert TOKEN_CHECK.ok(answer)
    assert TOKEN_CHECK.text(answer).splitlines()[-1] == "All logins are well."
    renewed = refresh(fleet, stand_in)
    assert (renewed.outcome, renewed.next, stand_in.runs) == ("not_needed", None, [])
    assert TOKEN_REFRESH.ok(renewed)


def test_a_lapsed_access_token_is_no_alarm(fleet: DemoFleet) -> None:
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


def test_copies_come_before_everything_else_that_is_to_be_done(fleet: DemoFleet) -> None:
    write_store(fleet.store, "host", LAPSED, timedelta(days=2))
    for name in ("opus-1", "opus-2"):
        write_store(fleet.agent(name), "copied")
    assert TOKEN_CHECK.text(check(fleet)).splitlines()[-1].endswith("ops runbook read copied-login")


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


def test_a_busy_store_that_is_not_due_is_left_to_whoever_renews_it(fleet: DemoFleet, stand_in: StandIn) -> None:
    (fleet.store / ".oauth_refresh.lock").mkdir()
    assert (refresh(fleet, stand_in).outcome, stand_in.runs) == ("in_progress", [])


@pytest.mark.parametrize(
    ("behaviour", "outcome"), [("rotate", "refreshed"), ("nothing", "failed"), ("refused", "needs_login")]
)
def test_25_callers_at_once_cause_one_run_and_all_are_told_the_truth(
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


def locks_held_open(fleet: DemoFleet) -> int:
    """How many callers in this process have come as far as the flight's lock."""
    held = [path.stat().st_ino for path in (fleet.folder / "ops" / "locks").glob("login-*.lock")]
    return sum(_inode(fd) in held for fd in range(3, 300))


def _inode(fd: int) -> int | None:
    try:
        return os.fstat(fd).st_ino
    except OSError:
        return None


CALLER = """
import sys
from pathlib import Path
from mcp_server.operations.token_refresh import TOKEN_REFRESH, RefreshParams
from mcp_server.wiring import context_of
import os
import resource
context = context_of(dict(os.environ), Path(sys.argv[1]), fleet=Path(sys.argv[1]))
print(TOKEN_REFRESH.run(context, RefreshParams()).outcome)
"""


def test_the_death_of_the_caller_does_not_end_the_flight(fleet: DemoFleet, stand_in: StandIn) -> None:
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


def test_the_run_gets_empty_folders_the_store_and_no_login_of_ours(fleet: DemoFleet, stand_in: StandIn) -> None:
    lapse(fleet)
    proxy = "http://127.0.0.1:9"
    ours = {"ANTHROPIC_API_KEY": "canary", "CLAUDE_CODE_OAUTH_TOKEN": "canary", "GH_TOKEN": "canary"}
    refresh(fleet, stand_in, HTTPS_PROXY=proxy, **ours)
    (run,) = stand_in.runs
    environment = cast("dict[str, str]", run["environment"])
    assert (run["arguments"], run["config"], run["work"]) == (["mcp", "list"], [], [])
    assert run["leads_its_session"]
    assert "canary" not in json.dumps(run)
    assert environment["CLAUDE_SECURESTORAGE_CONFIG_DIR"] == str(fleet.store)
    assert environment["HTTPS_PROXY"] == proxy
    assert not Path(environment["CLAUDE_CONFIG_DIR"]).is_relative_to(fleet.home)
    assert not Path(environment["CLAUDE_CONFIG_DIR"]).exists()


def test_no_answer_shows_a_token(fleet: DemoFleet, stand_in: StandIn) -> None:
    store = lapse(fleet)
    write_store(fleet.agent("opus-1"), "copied")
    write_store(fleet.agent("opus-2"), "copied")
    secrets = [*tokens_of(store), *tokens_of(fleet.agent("opus-1") / ".credentials.json")]
    looked, renewed = check(fleet), refresh(fleet, stand_in)
    said = [TOKEN_CHECK.text(looked), TOKEN_REFRESH.text(renewed), repr(looked), repr(renewed)]
    said += [json.dumps(as_json(looked)), json.dumps(as_json(renewed)), json.dumps(stand_in.runs)]
    said += [path.read_text("utf-8") for path in (fleet.folder / "ops").rglob("*") if path.is_file()]
    for secret in [*secrets, *tokens_of(store)]:
        assert not [text for text in said if secret in text or secret[12:] in text]


def test_an_answer_stays_bounded_in_a_fleet_full_of_hazards(fleet: DemoFleet) -> None:
    for number in range(70):
        folder = fleet.root / f"qa-{number}"
        folder.mkdir()
        (folder / ".env").write_text("ANTHROPIC_API_KEY=made-up\n", "utf-8")
    answer = check(fleet)
    assert (len(answer.hazards), answer.omitted) == (60, 10)
    assert "... and 10 more" in TOKEN_CHECK.text(answer)


def early(fleet: DemoFleet, claude: StandIn) -> TokenRefresh:
    answer = TOKEN_REFRESH.run(context(fleet, OPS_CLAUDE=str(claude.program)), RefreshParams(early=True))
    assert isinstance(answer, TokenRefresh)
    return answer


def test_early_a_login_with_time_left_is_renewed_and_a_new_one_is_not(fleet: DemoFleet, stand_in: StandIn) -> None:
    assert early(fleet, stand_in).outcome == "refreshed"
    assert early(fleet, stand_in).outcome == "not_needed"
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
    assert early(fleet, stand_in).outcome == outcome
    assert (store.read_bytes() == before) == (outcome == "failed")
    assert tokens_of(store) == (
        document["claudeAiOauth"]["accessToken"],
        document["claudeAiOauth"]["refreshToken"],
    )


def test_early_25_callers_at_once_cause_one_run(fleet: DemoFleet, stand_in: StandIn) -> None:
    stand_in.behave("wait:rotate")
    with ThreadPoolExecutor(25) as callers:
        answers = [callers.submit(early, fleet, stand_in) for _ in range(25)]
        eventually(lambda: locks_held_open(fleet) == 25)
        stand_in.go()
        outcomes = Counter(answer.result(60).outcome for answer in answers)
    assert (outcomes, len(stand_in.runs)) == ({"refreshed": 25}, 1)


def test_early_copies_are_refused_and_a_client_that_renews_is_left_alone(fleet: DemoFleet, stand_in: StandIn) -> None:
    write_store(fleet.agent("opus-1"), "host")
    assert early(fleet, stand_in).outcome == "refused"
    (fleet.agent("opus-1") / ".credentials.json").unlink()
    (fleet.store / ".oauth_refresh.lock").mkdir()
    before = (fleet.store / ".credentials.json").read_bytes()
    assert early(fleet, stand_in).outcome == "in_progress"
    assert ((fleet.store / ".credentials.json").read_bytes(), stand_in.runs) == (before, [])


@pytest.mark.parametrize("left", [timedelta(hours=6), LAPSED])
def test_locks_of_the_dead_are_gone_after_the_next_call(fleet: DemoFleet, stand_in: StandIn, left: timedelta) -> None:
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


def test_where_nothing_can_be_saved_nothing_is_asked_for(fleet: DemoFleet, stand_in: StandIn) -> None:
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
