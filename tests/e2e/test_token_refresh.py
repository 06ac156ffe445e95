"""`ops token refresh` with the real Claude Code, made-up tokens, and a server that rotates and revokes on reuse."""

import json
import os
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from mcp_server.demo.client import connected
from mcp_server.demo.fleet import DemoFleet
from tests.e2e.claude import binary, run
from tests.e2e.model import ScriptedModel
from tests.e2e.renewal import (
    LIMIT,
    assert_renewed_once,
    environment,
    host_store,
    refresh,
    report,
    server,
    small_disk,
    start,
)
from tests.e2e.token_server import TokenServer
from tests.fixtures.logins import LAPSED, tokens_of, write_store

__all__ = ["server", "small_disk"]
pytestmark = pytest.mark.e2e
TRUE = {("refreshed", "healthy"), ("not_needed", "healthy")}
"What a caller may get when one of them refreshed the login: a caller that comes later gets `not_needed`."


@pytest.mark.parametrize("delay", [0.2, 2, 8])
@pytest.mark.parametrize("callers", [1, 10, 25])
def test_any_number_of_callers_cause_one_grant_and_the_login_lives(
    fleet: DemoFleet, server: TokenServer, callers: int, delay: float
) -> None:
    server.delay = delay
    answers = refresh(fleet, server, callers=callers)
    assert_renewed_once(fleet, server)
    assert answers["refreshed", "healthy"] >= 1
    assert set(answers) <= TRUE


@pytest.mark.parametrize("delay", [0.2, 2, 8])
def test_25_calls_of_one_mcp_server_cause_one_grant(fleet: DemoFleet, server: TokenServer, delay: float) -> None:
    server.delay = delay
    with (
        connected(environment(fleet, server), fleet.root) as tools,
        ThreadPoolExecutor(25) as callers,
    ):
        calls = [callers.submit(tools.call, "token_refresh", {}) for _ in range(25)]
        outcomes = {str(call.result(LIMIT).document["outcome"]) for call in calls}
    assert_renewed_once(fleet, server)
    assert {"refreshed"} <= outcomes <= {"refreshed", "not_needed"}


def test_beside_five_live_sessions_that_renew_by_themselves_nobody_is_logged_out(
    fleet: DemoFleet, server: TokenServer, tmp_path: Path
) -> None:
    server.delay = 2
    with ScriptedModel(["well"]) as model:
        sessions = [live_session(fleet, server, model, tmp_path / f"home-{n}") for n in range(5)]
        answers = refresh(fleet, server, callers=3)
        output = [session.communicate(timeout=LIMIT)[0] for session in sessions]
    assert_renewed_once(fleet, server)
    assert {outcome for outcome, _ in answers} <= {"refreshed", "not_needed"}
    assert {state for _, state in answers} <= {"healthy", "busy"}  # a session may look under the lock just then
    assert [json.loads(text)["is_error"] for text in output] == [False] * 5


def live_session(fleet: DemoFleet, server: TokenServer, model: ScriptedModel, home: Path) -> subprocess.Popen[str]:
    """A `claude -p` on the fleet's store. The model is on loopback, so its login (made up) is sent nowhere else."""
    home.mkdir()
    own = {
        **environment(fleet, server),
        "HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(home),
        "CLAUDE_SECURESTORAGE_CONFIG_DIR": str(fleet.store),
        "ANTHROPIC_BASE_URL": model.url,
        "NO_PROXY": "127.0.0.1",
        "DISABLE_AUTOUPDATER": "1",
    }
    command = [binary(), "-p", "are you well?", "--output-format", "json"]
    out = subprocess.PIPE
    return subprocess.Popen(command, env=own, cwd=home, stdin=subprocess.DEVNULL, stdout=out, stderr=out, text=True)


ANSWERS = [
    ((400, b'{"error": "invalid_grant"}'), 0, ("needs_login", "blanked")),
    ((401, b'{"error": "unauthorized"}'), 0, ("failed", "access_lapsed")),
    ((429, b'{"error": "slow down"}'), 0, ("failed", "access_lapsed")),
    ((500, b"{}"), 0, ("failed", "access_lapsed")),
    ((200, b"<html>garbage"), 0, ("failed", "access_lapsed")),
    ((0, b""), 0, ("failed", "access_lapsed")),
    ((0, b""), 35, ("failed", "access_lapsed")),
]


@pytest.mark.parametrize(("answer", "delay", "outcome"), ANSWERS)
def test_whatever_the_server_answers_the_outcome_is_what_the_store_says(
    fleet: DemoFleet, server: TokenServer, answer: tuple[int, bytes], delay: float, outcome: tuple[str, str]
) -> None:
    server.answer, server.delay = answer, delay
    before = host_store(fleet).read_bytes()
    assert refresh(fleet, server) == {outcome: 1}
    assert (host_store(fleet).read_bytes() == before) == (outcome[0] == "failed")


def test_a_caller_killed_while_the_server_answers_loses_nothing(fleet: DemoFleet, server: TokenServer) -> None:
    server.delay = 4
    first = start(fleet, server)
    assert server.arrived.wait(LIMIT)
    first.kill()
    first.communicate()
    second = report(start(fleet, server))
    assert second[0] in ("refreshed", "not_needed")
    assert_renewed_once(fleet, server)


def test_early_a_login_with_hours_left_is_renewed_once_for_ten_callers(fleet: DemoFleet, server: TokenServer) -> None:
    write_store(fleet.store, "host", timedelta(hours=3))
    assert refresh(fleet, server) == {("not_needed", "healthy"): 1}
    assert server.grants == []
    answers = refresh(fleet, server, "--early", callers=10)
    assert_renewed_once(fleet, server)
    assert set(answers) <= TRUE


@pytest.mark.parametrize("answer", [(500, b"{}"), (0, b"")])
def test_early_a_server_that_fails_leaves_the_store_byte_for_byte(
    fleet: DemoFleet, server: TokenServer, answer: tuple[int, bytes]
) -> None:
    before = write_store(fleet.store, "host", timedelta(hours=3)).read_bytes()
    server.answer = answer
    assert refresh(fleet, server, "--early") == {("failed", "healthy"): 1}
    assert server.grants != []
    assert host_store(fleet).read_bytes() == before


def lapsed_copies(fleet: DemoFleet) -> list[Path]:
    """The login of the host in ten agents' folders, and in no other place."""
    agents = [fleet.root / f"opus-{number}" for number in range(1, 11)]
    for agent in agents:
        agent.mkdir(exist_ok=True)
        (agent / ".env").touch()
        write_store(agent, "host", LAPSED)
    host_store(fleet).unlink()
    return agents


def test_ten_copies_are_refused_then_consolidated_then_renewed_alive(fleet: DemoFleet, server: TokenServer) -> None:
    copies = lapsed_copies(fleet)
    refused = json.loads(start(fleet, server).communicate(timeout=LIMIT)[0])
    assert {store["outcome"] for store in refused["stores"]} == {"refused", "needs_login"}
    assert server.grants == []
    plan = str(consolidate(fleet, server)["plan"])
    assert consolidate(fleet, server, "--plan", plan)["copies"] == 9 * ["set_aside"]
    kept = [folder for folder in copies if (folder / ".credentials.json").exists()]
    assert len(kept) == 1
    renewed = json.loads(start(fleet, server).communicate(timeout=LIMIT)[0])
    assert [s["outcome"] for s in renewed["stores"] if s["path"].startswith(str(kept[0]))] == ["refreshed"]
    assert (server.grants, server.revoked) == (["rotated"], False)
    assert tokens_of(kept[0] / ".credentials.json") == ("made-up-access-1", server.current)


def consolidate(fleet: DemoFleet, server: TokenServer, *options: str) -> dict[str, object]:
    answer = json.loads(start(fleet, server, *options, verb="consolidate").communicate(timeout=LIMIT)[0])
    return {"plan": answer["plan"], "copies": [copy["state"] for copy in answer["copies"]]}


def test_without_us_ten_copies_lose_the_login(fleet: DemoFleet, server: TokenServer, tmp_path: Path) -> None:
    """The baseline: what every client does by itself at its next request."""
    for folder in lapsed_copies(fleet):
        own = {"CLAUDE_CONFIG_DIR": str(tmp_path / folder.name), "CLAUDE_SECURESTORAGE_CONFIG_DIR": str(folder)}
        run([binary(), "mcp", "list"], {**environment(fleet, server), **own}, tmp_path, LIMIT)
    assert server.revoked
    assert Counter(server.grants) == {"rotated": 1, "reused": 9}


def spoil(store: Path, fault: str) -> None:
    whole = store.read_bytes()
    store.unlink()
    match fault:
        case "empty":
            store.touch(0o600)
        case "10 MB":
            store.write_bytes(whole + b" " * 10_000_000)
        case "not UTF-8":
            store.write_bytes(b"\xff" + whole)
        case "folder":
            store.mkdir()
        case "link":
            store.symlink_to("/etc/passwd")
        case "fifo":
            os.mkfifo(store, 0o600)
        case _:
            store.write_bytes(whole)


@pytest.mark.parametrize("fault", ["empty", "10 MB", "not UTF-8", "folder", "link", "fifo", "forbidden"])
def test_what_is_no_readable_store_is_named_in_a_sentence_and_left_as_it_is(
    fleet: DemoFleet, server: TokenServer, fault: str
) -> None:
    store = host_store(fleet)
    spoil(store, fault)
    # Root may read anything: for root, the kernel says no only where it is made to.
    refusing = ("strace", "-qq", "-o", os.devnull, "-P", str(store), "-e", "inject=openat:error=EACCES")
    caller = start(fleet, server, below=refusing if fault == "forbidden" else ())
    before = store.lstat()
    (answer,) = json.loads(caller.communicate(timeout=LIMIT)[0])["stores"]
    assert answer["outcome"] == ("refused" if fault == "link" else "failed")
    assert str(store) in answer["message"]
    assert answer["next"]
    assert server.grants == []
    assert (store.lstat().st_ino, store.lstat().st_size, store.lstat().st_mtime_ns) == (
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
    )


@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_where_the_new_token_could_not_be_saved_it_is_not_asked_for(
    fleet: DemoFleet, server: TokenServer, small_disk: Path, fault: str
) -> None:
    """Claude Code by itself asks on a full disk, cannot save the answer, and the login is lost."""
    if fault == "full":
        (small_disk / "fill").write_bytes(bytes(56 * 1024))
    else:
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    before = host_store(fleet).read_bytes()
    answer = json.loads(start(fleet, server).communicate(timeout=LIMIT)[0])
    assert (answer["outcome"], server.grants) == ("failed", [])
    assert str(small_disk) in answer["stores"][0]["message"]
    assert host_store(fleet).read_bytes() == before


def test_no_token_is_seen_in_an_argument_a_log_a_file_of_ours_or_a_crash(
    fleet: DemoFleet, server: TokenServer
) -> None:
    server.delay = 1.5
    old = tokens_of(host_store(fleet))
    key = "canary-" + "k" * 30
    caller = start(fleet, server, ANTHROPIC_API_KEY=key, CLAUDE_CODE_OAUTH_TOKEN=key)
    assert server.arrived.wait(LIMIT)
    running = command_lines()
    out, errors = caller.communicate(timeout=LIMIT)
    assert_renewed_once(fleet, server)
    ours = [path for path in (fleet.folder / "ops").rglob("*") if path.is_file()]
    texts = [out, errors, running, *map(str, ours), *(path.read_text("utf-8", "replace") for path in ours)]
    assert "mcp" in running
    for secret in (*old, *tokens_of(host_store(fleet)), key):
        assert not [text[:80] for text in texts if secret in text]


def command_lines() -> str:
    lines: list[bytes] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            lines.append((process / "cmdline").read_bytes())
        except OSError:
            continue
    return b"\n".join(lines).decode("utf-8", "replace")
