"""Logins of every kind in one fleet of 25, and renewals that cannot be saved, with the real Claude Code."""

import json
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.e2e.claude import binary, run
from tests.e2e.renewal import LIMIT, environment, host_store, server, small_disk, start
from tests.e2e.token_server import TokenServer, token_server
from tests.fixtures.logins import GOOD, LAPSED, tokens_of, write_store

__all__ = ["server", "small_disk"]
pytestmark = pytest.mark.e2e
CANARY = "canary-" + "x" * 40


def answer(fleet: DemoFleet, server: TokenServer, verb: str) -> dict[str, Any]:
    out, errors = start(fleet, server, verb=verb).communicate(timeout=LIMIT)
    assert not errors
    assert CANARY not in out
    document: dict[str, Any] = json.loads(out)
    return document


def hinder(disk: Path, fault: str) -> None:
    store = disk / ".credentials.json"
    match fault:
        case "full":
            (disk / "fill").write_bytes(bytes(56 * 1024))
        case "read-only":
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        case _:
            subprocess.run(["mount", "--bind", str(store), str(store)], check=True)
            subprocess.run(["mount", "-o", "remount,bind,ro", str(store)], check=True)


@pytest.mark.parametrize("fault", ["full", "read-only", "file mounted read-only"])
@pytest.mark.parametrize("left", [LAPSED, GOOD])
def test_check_watch_and_refresh_agree_that_a_renewal_could_not_be_saved(
    fleet: DemoFleet, server: TokenServer, small_disk: Path, fault: str, left: timedelta
) -> None:
    write_store(small_disk, "host", left)
    hinder(small_disk, fault)
    checked, watched, renewed = (answer(fleet, server, verb) for verb in ("check", "watch", "refresh"))
    assert [hazard["code"] for hazard in checked["hazards"]] == ["renewal_unsavable"]
    assert checked["next"] == watched["next"] == renewed["next"]
    assert renewed["outcome"] == "failed"
    assert server.grants == []


@pytest.mark.parametrize("fault", ["full", "file mounted read-only"])
def test_without_us_a_renewal_that_cannot_be_saved_ends_the_login(
    fleet: DemoFleet, server: TokenServer, small_disk: Path, tmp_path: Path, fault: str
) -> None:
    """The baseline: what the next start of any client does."""
    hinder(small_disk, fault)
    own = {"CLAUDE_CONFIG_DIR": str(tmp_path / "config"), "CLAUDE_SECURESTORAGE_CONFIG_DIR": str(fleet.store)}
    run([binary(), "mcp", "list"], {**environment(fleet, server), **own}, tmp_path, LIMIT)
    assert server.grants == ["rotated"]
    assert tokens_of(host_store(fleet))[1] != server.current


@pytest.mark.parametrize(
    ("status", "message"), [(429, "answered 429, too many requests"), (500, "answered 500"), (0, "was not reached")]
)
def test_what_the_token_server_answered_is_in_the_answer(
    fleet: DemoFleet, server: TokenServer, status: int, message: str
) -> None:
    server.answer = (status, b"{}")
    (store,) = answer(fleet, server, "refresh")["stores"]
    assert (store["outcome"], message in store["message"]) == ("failed", True)


def test_two_accounts_tokens_and_own_stores_of_25_agents_are_renewed_each_by_itself(
    fleet: DemoFleet, server: TokenServer, tmp_path: Path
) -> None:
    """Twelve agents on the host's login, six on a second account, five with a token, two with stores of their own."""
    second, names = fleet.home / "second", [f"opus-{number}" for number in range(1, 26)]
    write_store(second, "second", GOOD)
    lines = ['[claude]\nstore = "~/.claude"']
    for number, name in enumerate(names):
        folder = fleet.agent(name)
        folder.mkdir(exist_ok=True)
        (folder / ".env").write_text(f"AGENT_NAME={name}\n")
        if 12 <= number < 18:
            lines.append(f'[agents.{name}]\nlogin = "~/second"')
        elif 18 <= number < 23:
            lines.append(f'[agents.{name}]\nlogin = "setup-token"')
            (folder / ".env").write_text(f"AGENT_NAME={name}\nCLAUDE_CODE_OAUTH_TOKEN={CANARY}\n")
        elif number >= 23:
            write_store(folder, name, GOOD)
    (fleet.root / "fleet.toml").write_text("\n".join(lines) + "\n")
    checked = answer(fleet, server, "check")
    assert set(checked["long_lived"]) == set(names[18:23])
    users = {Path(store["path"]).parent: set(store["agents"]) & set(names) for store in checked["stores"]}
    own = {fleet.agent(name): {name} for name in names[23:]}
    assert users == {fleet.store: set(names[:12]), second: set(names[12:18]), **own}
    before = {folder: (folder / ".credentials.json").read_bytes() for folder in own}
    first = answer(fleet, server, "refresh")
    _, other = tokens_of(write_store(second, "second", LAPSED))  # due only now: this endpoint knows no other login
    with token_server(tmp_path / "other", other) as others:
        renewed = answer(fleet, others, "refresh")
    assert (server.grants, others.grants, others.revoked) == (["rotated"], ["rotated"], False)
    outcomes = {Path(s["path"]).parent: s["outcome"] for s in renewed["stores"]}
    assert outcomes == {fleet.store: "not_needed", second: "refreshed", **dict.fromkeys(own, "not_needed")}
    assert {Path(s["path"]).parent for s in first["stores"]} == set(outcomes)
    assert tokens_of(second / ".credentials.json")[1] == others.current
    assert tokens_of(host_store(fleet))[1] == server.current
    assert {folder: (folder / ".credentials.json").read_bytes() for folder in own} == before
