"""`token_consolidate` on a real fleet: which store stays, what is set aside, and that nothing is lost on the way."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.kernel.document import as_json
from mcp_server.kernel.errors import OpsError
from mcp_server.logins.consolidate import TOKEN_CONSOLIDATE, ConsolidateParams, TokenConsolidate
from mcp_server.logins.look_stores import look_at_stores
from mcp_server.logins.store import copied
from tests.fixtures.logins import GOOD, LAPSED, check, context, tokens_of, write_store

ROOT = Path(__file__).resolve().parents[2]


def consolidate(fleet: DemoFleet, plan: str | None = None) -> TokenConsolidate:
    answer = TOKEN_CONSOLIDATE.run(context(fleet), ConsolidateParams(plan=plan))
    assert isinstance(answer, TokenConsolidate)
    return answer


def copies(fleet: DemoFleet, *names: str, access: timedelta = GOOD) -> list[Path]:
    stores = [write_store(fleet.agent(name), "copied", access) for name in names]
    for store in stores[1:]:
        store.write_bytes(stores[0].read_bytes())
    return stores


def store_of(folder: Path) -> Path:
    return folder / ".credentials.json"


def test_a_fleet_without_copies_has_nothing_to_consolidate(fleet: DemoFleet) -> None:
    answer = consolidate(fleet)
    assert (answer.copies, answer.next, TOKEN_CONSOLIDATE.ok(answer)) == ((), None, True)


def test_a_plan_changes_nothing_and_names_itself(fleet: DemoFleet) -> None:
    stores = [*copies(fleet, "opus-1", "opus-2"), write_store(fleet.store, "copied")]
    before = [(store.read_bytes(), store.stat().st_mtime_ns) for store in stores]
    answer = consolidate(fleet)
    assert not TOKEN_CONSOLIDATE.ok(answer)
    assert f"ops token consolidate --plan {answer.plan}" in (answer.next or "")
    assert [(store.read_bytes(), store.stat().st_mtime_ns) for store in stores] == before
    assert not (fleet.folder / "ops").exists()


def test_copies_of_the_hosts_login_go_and_the_host_keeps_it(fleet: DemoFleet) -> None:
    host = write_store(fleet.store, "copied")
    gone = copies(fleet, "opus-1", "opus-2")
    kept = host.read_bytes()
    answer = consolidate(fleet, consolidate(fleet).plan)
    assert TOKEN_CONSOLIDATE.ok(answer)
    assert (host.read_bytes(), [store.exists() for store in gone]) == (kept, [False, False])
    assert copied(look_at_stores(context(fleet))) == {}
    assert [(start.agent, start.how) for start in answer.starts] == [
        (name, f"ops agent run {name}") for name in ("opus-1", "opus-2")
    ]


def account(folder: Path, uuid: str | None) -> None:
    """Whose login is in a folder, as Claude Code notes it beside the store."""
    config = (folder.parent if folder.name == ".claude" else folder) / ".claude.json"
    document: dict[str, object] = json.loads(config.read_text("utf-8")) if config.exists() else {}
    document["oauthAccount"] = {"accountUuid": uuid, "padding": "x" * 6_000_000} if uuid else None
    config.write_text(json.dumps(document))


def test_older_copies_of_the_hosts_account_go_and_its_living_login_serves_all(fleet: DemoFleet) -> None:
    gone = copies(fleet, "opus-1", "opus-2", access=LAPSED)
    for folder in (fleet.store, fleet.agent("opus-1"), fleet.agent("opus-2")):
        account(folder, "A")
    answer = consolidate(fleet, consolidate(fleet).plan)
    assert [copy.stays for copy in answer.copies] == [fleet.store, fleet.store]
    assert [store.exists() for store in gone] == [False, False]


@pytest.mark.parametrize("accounts", [("A", "B"), ("A", None), (None, None)])
@pytest.mark.parametrize("access", [LAPSED, GOOD])
def test_copies_of_a_second_account_stay_until_their_agents_are_given_one_store(
    fleet: DemoFleet, accounts: tuple[str | None, str | None], access: timedelta
) -> None:
    stores = copies(fleet, "opus-1", "opus-2", access=access)
    host, copied_there = accounts
    account(fleet.store, host)
    for name in ("opus-1", "opus-2"):
        account(fleet.agent(name), copied_there)
    before = [store.read_bytes() for store in stores]
    plan = consolidate(fleet)
    answer = consolidate(fleet, plan.plan)
    assert [(copy.state, copy.agents, copy.stays) for copy in answer.copies] == [
        ("held", ("opus-2",), fleet.agent("opus-1"))
    ]
    assert ("another account" in (answer.copies[0].problem or "")) == (accounts == ("A", "B"))
    assert not TOKEN_CONSOLIDATE.ok(answer)
    assert [store.read_bytes() for store in stores] == before
    assert "copied_login" in [hazard.code for hazard in check(fleet).hazards]
    (step,) = re.findall(r'Write (login = ".*") under (\[agents\.opus-2\]) in (\S+)', answer.next or "")
    with Path(step[2]).open("a") as file:
        file.write(f"\n{step[1]}\n{step[0]}\n")
    done = consolidate(fleet, consolidate(fleet).plan)
    assert [copy.state for copy in done.copies] == ["set_aside"]
    assert [(start.agent, start.how) for start in done.starts] == [("opus-2", "ops agent run opus-2")]
    assert [store.exists() for store in stores] == [True, False]
    assert stores[0].read_bytes() == before[0]
    (kept,) = (store for store in check(fleet).stores if store.folder == fleet.agent("opus-1"))
    assert set(kept.agents) == {"opus-1", "opus-2"}
    assert check(fleet).hazards == ()


@pytest.mark.parametrize("host", ["blanked", "absent", "over"])
def test_what_may_be_the_last_living_login_stays_where_it_is(fleet: DemoFleet, host: str) -> None:
    store = write_store(fleet.store, "host", LAPSED, LAPSED if host == "over" else timedelta(days=9))
    match host:
        case "blanked":
            store.write_text('{"claudeAiOauth": {"accessToken": "", "refreshToken": "", "expiresAt": 0}}')
        case "absent":
            store.unlink()
        case _:
            pass
    before = store.read_bytes() if store.exists() else None
    stays, goes = copies(fleet, "opus-1", "opus-2")
    answer = consolidate(fleet, consolidate(fleet).plan)
    assert [copy.stays for copy in answer.copies] == [fleet.agent("opus-1")]
    (start,) = answer.starts
    assert f'login = "{fleet.agent("opus-1")}" under [agents.opus-2]' in start.how
    assert start.how.endswith("then: ops agent run opus-2")
    assert (stays.exists(), goes.exists()) == (True, False)
    assert (store.read_bytes() if store.exists() else None) == before


def test_a_copy_comes_back_by_the_command_that_the_answer_names(fleet: DemoFleet) -> None:
    write_store(fleet.store, "copied")
    (store,) = copies(fleet, "opus-1")
    before = store.read_bytes()
    (copy,) = consolidate(fleet, consolidate(fleet).plan).copies
    assert copy.aside is not None
    assert copy.aside.is_relative_to(fleet.folder / "ops")
    assert (copy.aside.stat().st_mode & 0o777, copy.aside.read_bytes()) == (0o600, before)
    subprocess.run(["sh", "-c", copy.undo or "false"], check=True)
    assert store.read_bytes() == before


def test_a_plan_that_no_longer_fits_is_refused(fleet: DemoFleet) -> None:
    stores = copies(fleet, "opus-1", "opus-2")
    plan = consolidate(fleet).plan
    stores += copies(fleet, "ops-1")
    with pytest.raises(OpsError, match="the stores have changed") as refused:
        consolidate(fleet, plan)
    assert refused.value.kind == "conflict"
    assert all(store.exists() for store in stores)


@pytest.mark.parametrize("where", ["copy", "kept"])
def test_while_a_client_renews_nothing_is_touched(fleet: DemoFleet, where: str) -> None:
    write_store(fleet.store, "copied")
    (store,) = copies(fleet, "opus-1")
    plan = consolidate(fleet).plan
    lock = (fleet.store if where == "kept" else fleet.agent("opus-1")) / ".oauth_refresh.lock"
    lock.mkdir()
    with pytest.raises(OpsError, match="a client is renewing") as refused:
        consolidate(fleet, plan)
    assert (refused.value.kind, store.exists(), lock.exists()) == ("conflict", True, True)
    assert not [path for path in fleet.root.rglob(".oauth_refresh.lock") if path != lock]


def test_a_copy_that_cannot_be_removed_is_reported_and_stays(
    fleet: DemoFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_store(fleet.store, "copied")
    (store,) = copies(fleet, "opus-1")
    plan = consolidate(fleet).plan
    monkeypatch.setattr("os.rename", refuse)
    monkeypatch.setattr(Path, "rename", refuse)
    answer = consolidate(fleet, plan)
    assert ([copy.state for copy in answer.copies], store.exists()) == (["failed"], True)
    assert not TOKEN_CONSOLIDATE.ok(answer)


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_what_somebody_writes_meanwhile_stays(fleet: DemoFleet, monkeypatch: pytest.MonkeyPatch) -> None:
    write_store(fleet.store, "copied")
    (store,) = copies(fleet, "opus-1")
    plan = consolidate(fleet).plan
    rename = Path.rename

    def log_in_first(self: Path, target: Path) -> Path:
        write_store(fleet.agent("opus-1"), "new login")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", log_in_first)
    (copy,) = consolidate(fleet, plan).copies
    monkeypatch.undo()
    assert (copy.state, "changed while" in (copy.problem or "")) == ("failed", True)
    assert [path.name for path in fleet.agent("opus-1").glob(".credentials*")] == [".credentials.json"]
    assert tokens_of(store) != tokens_of(store_of(fleet.store))


def test_a_container_is_to_mount_the_store_that_stays(fleet: DemoFleet) -> None:
    write_store(fleet.store, "copied")
    copies(fleet, "test-1")
    (start,) = consolidate(fleet).starts
    assert start.agent == "test-1"
    assert start.how.startswith(f"mount {fleet.store} read-write")


def test_no_answer_shows_a_token(fleet: DemoFleet) -> None:
    secrets = [*tokens_of(write_store(fleet.store, "copied"))]
    copies(fleet, "opus-1", "opus-2")
    planned = consolidate(fleet)
    done = consolidate(fleet, planned.plan)
    for answer in (planned, done):
        report = TOKEN_CONSOLIDATE.text(answer) + repr(answer) + json.dumps(as_json(answer))
        assert not [secret for secret in secrets if secret in report]


def test_killed_at_any_write_every_login_is_still_somewhere_and_the_next_call_completes_it(fleet: DemoFleet) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(fleet.home)}
    environment["OPS_HOME"] = str(fleet.folder / "ops")
    command = [sys.executable, "-m", "tests.logins.consolidate_kills", str(fleet.root), str(fleet.store)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10
