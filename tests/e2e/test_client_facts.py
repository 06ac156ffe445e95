"""The facts in `mcp_server/clients/` hold on the real Claude Code; a failure names the fact and the version.

Each test takes the names from there, so the fix is in that one place. CI runs this on the versions named there, and
with OPS_E2E_LATEST=1 on the newest ones: then it tells which fact a new release no longer has.
"""

import json
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mcp_server.clients import claude, claude_hook
from mcp_server.clients.installed import version_of
from mcp_server.clients.renewal_run import run_of
from mcp_server.demo.fleet import DemoFleet
from tests.e2e import renewal
from tests.e2e.claude import ask, binary, environment, run, version
from tests.e2e.model import Call, ScriptedModel
from tests.e2e.renewal import host_store, server
from tests.e2e.terminal import past_onboarding, terminal
from tests.e2e.token_server import TokenServer
from tests.fixtures.logins import write_store

__all__ = ["server"]
pytestmark = pytest.mark.e2e


def holds(fact: str, of: bool, seen: object) -> None:
    """The fact holds, or the test fails in its name."""
    assert of, f"{fact} does not hold on Claude Code {version()}: {seen}"


def renew(fleet: DemoFleet, server: TokenServer, *lead: str) -> str:
    """What the product runs to renew the login, in empty folders; what it printed."""
    config = fleet.folder / "empty-config"
    config.mkdir(exist_ok=True)
    own = {**renewal.environment(fleet, server), **claude.QUIET, **claude.EXPLAINS, claude.CONFIG_DIR: str(config)}
    own |= {claude.STORE_DIR: str(fleet.store)}
    code, out, errors = run([*lead, binary(), *claude.RENEWAL], own, config, renewal.LIMIT)
    holds("claude.RENEWAL", code == 0, out + errors)
    return out + errors


def test_the_renewal_waits_for_a_slow_answer_and_saves_it_in_the_store_alone(
    fleet: DemoFleet, server: TokenServer
) -> None:
    server.delay = 10  # more than the 8.5 s after which other commands leave without the answer
    renew(fleet, server)
    holds("claude.RENEWAL", server.grants == ["rotated"], server.grants)
    login = json.loads(host_store(fleet).read_text())[claude.LOGIN]
    fields = {claude.ACCESS_TOKEN, claude.REFRESH_TOKEN, claude.ACCESS_EXPIRES, claude.LOGIN_EXPIRES}
    holds("the fields of a store", fields <= login.keys(), sorted(login))
    holds("claude.STORE_DIR", login[claude.REFRESH_TOKEN] == server.current, "the answer was saved elsewhere")
    wait = login[claude.ACCESS_EXPIRES] / 1000 - time.time()
    holds("claude.ACCESS_EXPIRES in milliseconds", 0 < wait <= 28800, wait)
    config = fleet.folder / "empty-config"
    holds("claude.CONFIG_DIR", (config / claude.CONFIG_FILE).exists(), sorted(path.name for path in config.iterdir()))


@pytest.mark.parametrize(("left", "is_renewed"), [(-2, True), (4, False)])
def test_a_token_is_renewed_a_few_minutes_before_it_expires_and_not_earlier(
    fleet: DemoFleet, server: TokenServer, left: int, is_renewed: bool
) -> None:
    write_store(fleet.store, "host", claude.RENEWED_BEFORE + timedelta(minutes=left))
    renew(fleet, server)
    holds("claude.RENEWED_BEFORE", (server.grants != []) == is_renewed, f"{left} minutes from it: {server.grants}")


def test_a_refused_renewal_empties_the_tokens_and_sets_the_expiry_to_zero(
    fleet: DemoFleet, server: TokenServer
) -> None:
    server.answer = (400, b'{"error": "invalid_grant"}')
    renew(fleet, server)
    login = json.loads(host_store(fleet).read_text())[claude.LOGIN]
    emptied = (login[claude.ACCESS_TOKEN], login[claude.REFRESH_TOKEN], login[claude.ACCESS_EXPIRES])
    holds("the form of a blanked store", emptied == ("", "", 0), [type(each).__name__ for each in emptied])


@pytest.mark.parametrize("status", [403, 429, 500])
def test_the_log_of_a_renewal_says_what_the_token_server_answered(
    fleet: DemoFleet, server: TokenServer, status: int
) -> None:
    server.answer = (status, b"{}")
    renew(fleet, server)
    logs = [*(fleet.folder / "empty-config" / claude.DEBUG_LOGS).glob("*.txt")]
    holds("claude.DEBUG_LOGS", len(logs) > 0, "no log")
    run = run_of(0, "", logs[0].read_text("utf-8", "replace"))
    holds("claude.REFUSAL", run.status == status, run)


def test_the_locks_of_a_renewal_and_of_a_config_have_the_known_names(fleet: DemoFleet, server: TokenServer) -> None:
    log = fleet.folder / "folders"
    renew(fleet, server, "strace", "-f", "-qq", "-o", str(log), "-e", "trace=mkdir,mkdirat")
    made = log.read_text()
    for fact, path in (
        ("claude.REFRESH_LOCK", fleet.store / claude.REFRESH_LOCK),
        ("claude.WRITE_LOCK", fleet.store / claude.WRITE_LOCK),
        ("the name of a config's lock", fleet.folder / "empty-config" / f"{claude.CONFIG_FILE}.lock"),
    ):
        holds(fact, f'"{path}"' in made, f"{path} was not made")


@pytest.mark.parametrize(("age", "is_taken_over"), [(0.6, False), (1.1, True)])
def test_a_refresh_lock_is_taken_over_at_the_age_at_which_it_is_dead(
    fleet: DemoFleet, server: TokenServer, age: float, is_taken_over: bool
) -> None:
    aged(fleet.store / claude.REFRESH_LOCK, age * claude.LOCK_DIES_AFTER.total_seconds())
    renew(fleet, server)
    holds("claude.LOCK_DIES_AFTER", (server.grants != []) == is_taken_over, f"at {age} of it: {server.grants}")


def test_a_config_lock_of_a_dead_process_is_removed(fleet: DemoFleet, server: TokenServer) -> None:
    lock = fleet.folder / "empty-config" / f"{claude.CONFIG_FILE}.lock"
    lock.parent.mkdir()
    aged(lock, claude.CONFIG_LOCK_DIES_AFTER.total_seconds() + 1)
    renew(fleet, server)
    holds("claude.CONFIG_LOCK_DIES_AFTER", not lock.exists(), "an older lock is left alone")


def aged(lock: Path, seconds: float) -> None:
    """A lock that was last touched so long ago."""
    lock.mkdir()
    then = time.time() - seconds
    os.utime(lock, (then, then))


def test_a_waiting_session_notes_its_process_its_version_and_that_it_waits(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "work"
    folder.mkdir()
    with ScriptedModel([Call("Bash", {"command": "mkdir asked", "description": "ask"}), "done"]) as model:
        own = environment(home, model.url, {})
        past_onboarding(home / claude.CONFIG_FOLDER, folder)
        with terminal(["go", "--permission-mode", "default"], own, folder) as screen:
            notes = home / claude.CONFIG_FOLDER / claude.SESSIONS
            is_over = screen.wait_for(lambda: waiting(notes) != [])
            holds("claude.SESSIONS, claude.SESSION_STATUS", is_over, f"{noted(notes)}\n{screen.shown()}")
            pid, found = waiting(notes)[0]
            start = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    holds("claude.SESSION_START", str(found.get(claude.SESSION_START)) == start, found.get(claude.SESSION_START))
    holds("claude.SESSION_VERSION", found.get(claude.SESSION_VERSION) == version(), found.get(claude.SESSION_VERSION))


def noted(notes: Path) -> dict[str, dict[str, Any]]:
    """The session files by process number; one that is being written is left out."""
    found: dict[str, dict[str, Any]] = {}
    for path in notes.glob("*.json"):
        try:
            found[path.stem] = json.loads(path.read_text())
        except ValueError:
            continue
    return found


def waiting(notes: Path) -> list[tuple[str, dict[str, Any]]]:
    waits = claude.SESSION_WAITS
    return [(pid, file) for pid, file in noted(notes).items() if file.get(claude.SESSION_STATUS) == waits]


def test_a_hook_gets_the_known_fields_and_variables_and_its_denial_holds(tmp_path: Path) -> None:
    home, folder, log = tmp_path / "home", tmp_path / "work", tmp_path / "events"
    folder.mkdir()
    (folder / "old.txt").write_text("a a")
    calls = {
        "Bash": {"command": "touch made", "description": "make"},
        "Read": {"file_path": str(folder / "old.txt")},
        "Edit": {"file_path": str(folder / "old.txt"), "old_string": "a", "new_string": "b", "replace_all": True},
        "Write": {"file_path": str(folder / "new.txt"), "content": "new"},
    }
    denial = json.dumps(claude_hook.answer("deny", "the reason of the hook"))
    names = (claude.PROJECT_DIR, claude.ENTRYPOINT, claude.ATTENDED)
    shown = "|".join(f"${{{name}}}" for name in names)
    hook = tmp_path / "hook"
    hook.write_text(
        f'#!/bin/sh\ncat >>"{log}"\necho >>"{log}"\necho "{shown}" >"{log}.variables"\necho \'{denial}\'\n'
    )
    hook.chmod(0o755)
    settings = claude_hook.add_hook({}, str(hook), "hook")
    (home / claude.CONFIG_FOLDER).mkdir(parents=True)
    (home / claude.CONFIG_FOLDER / claude.SETTINGS_FILE).write_text(json.dumps(settings))
    with ScriptedModel([*(Call(tool, given) for tool, given in calls.items()), "done"]) as model:
        options = ("--permission-mode", "default", "--allowedTools", "Bash,Read,Edit,Write")
        session = ask(model, "go", home=home, cwd=folder, options=options)
    assert session.code == 0, session.errors
    events: list[dict[str, Any]] = [json.loads(line) for line in log.read_text().splitlines() if line]
    matched = {tool: given for tool, given in calls.items() if tool != "Read"}
    given = {event.get("tool_name"): event for event in events}
    holds("claude_hook.MATCHER", given.keys() == matched.keys(), sorted(map(str, given)))
    for tool, expected in matched.items():
        event = given[tool]
        holds("tool_input", event.get("tool_input") == expected, event)
        holds(
            "hook_event_name, cwd",
            (event.get("hook_event_name"), event.get("cwd")) == ("PreToolUse", str(folder)),
            event,
        )
    holds("claude_hook.command_in", claude_hook.command_in(given["Bash"]) == "touch made", given["Bash"])
    holds("claude_hook.content_after", claude_hook.content_after(given["Edit"], "a a") == "b b", given["Edit"])
    holds("claude_hook.file_in", claude_hook.file_in(given["Write"]) == str(folder / "new.txt"), given["Write"])
    denied = [text for is_error, text in model.results if is_error and "the reason of the hook" in text]
    holds("claude_hook.answer", len(denied) == len(matched), model.results)
    holds("claude_hook.answer", not (folder / "made").exists() and not (folder / "new.txt").exists(), "a tool ran")
    values = dict(zip(names, log.with_name("events.variables").read_text().strip().split("|"), strict=True))
    holds("claude.PROJECT_DIR", values[claude.PROJECT_DIR] == str(folder), values)
    holds("claude.ENTRYPOINT", values[claude.ENTRYPOINT] == "sdk-cli", values)
    holds("claude.ATTENDED", values[claude.ATTENDED] == "0", values)


def test_the_package_of_claude_code_names_its_version() -> None:
    found = version_of("claude", binary())
    holds("claude.NPM_PACKAGE", found == version(), found)
