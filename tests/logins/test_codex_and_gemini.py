"""The logins of Codex and Gemini, as their stores hold them: looked at, never renewed by Claude Code."""

import json
import time
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from mcp_server.demo.fleet import DemoFleet
from mcp_server.logins.check import TOKEN_CHECK
from mcp_server.logins.look_logins import hazards
from mcp_server.logins.look_stores import look_at_stores
from mcp_server.logins.refresh import TOKEN_REFRESH, RefreshParams
from mcp_server.logins.store import Store
from mcp_server.operation.operation import Params
from tests.fixtures.logins import context

HOUR = 3600


def write(path: Path, document: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o600)
    path.write_text(json.dumps(document))
    return path


def codex(folder: Path, left: float, seed: str = "one") -> Path:
    claims = urlsafe_b64encode(json.dumps({"exp": int(time.time() + left)}).encode()).decode().rstrip("=")
    tokens = {"id_token": "x", "access_token": f"made-up.{claims}.canary", "refresh_token": f"canary-{seed}"}
    return write(folder / "auth.json", {"OPENAI_API_KEY": None, "tokens": tokens})


def gemini(folder: Path, left: float) -> Path:
    tokens = {"access_token": "canary", "refresh_token": "canary", "expiry_date": int((time.time() + left) * 1000)}
    return write(folder / "oauth_creds.json", tokens)


def others(fleet: DemoFleet) -> list[Store]:
    return [each for each in look_at_stores(context(fleet)) if each.client != "claude"]


@pytest.mark.parametrize(("left", "state"), [(HOUR, "healthy"), (-HOUR, "access_lapsed")])
def test_codexs_login_is_reported_with_its_expiry_and_no_token(fleet: DemoFleet, left: int, state: str) -> None:
    store = codex(fleet.home / ".codex", left)
    (seen,) = others(fleet)
    assert (seen.path, seen.state, seen.agents, seen.client) == (store, state, ("codex-1",), "codex")
    assert seen.generation
    assert "canary" not in repr(TOKEN_CHECK.run(context(fleet), Params()))
    assert TOKEN_CHECK.ok(TOKEN_CHECK.run(context(fleet), Params()))


def test_geminis_login_is_below_the_home_that_the_env_file_names(fleet: DemoFleet, tmp_path: Path) -> None:
    with (fleet.root / "fleet.toml").open("a") as file:
        file.write('[agents.gemini-1]\nrun_mode = "host"\n')
    write(fleet.agent("gemini-1") / "x", {})
    (fleet.agent("gemini-1") / ".env").write_text(f"GEMINI_CLI_HOME={tmp_path}\n")
    store = gemini(tmp_path / ".gemini", HOUR)
    (seen,) = others(fleet)
    assert (seen.path, seen.state, seen.agents) == (store, "healthy", ("gemini-1",))


def test_a_key_in_place_of_codexs_login_and_no_store_at_all_are_both_fine(fleet: DemoFleet) -> None:
    assert others(fleet) == []
    write(fleet.home / ".codex" / "auth.json", {"OPENAI_API_KEY": "canary", "tokens": None})
    (seen,) = others(fleet)
    assert (seen.state, seen.generation) == ("healthy", None)


def test_copies_of_codexs_login_are_a_hazard(fleet: DemoFleet) -> None:
    (fleet.agent("codex-1").parent / "codex-2").mkdir()
    for name in ("codex-1", "codex-2"):
        own = fleet.agent(name) / ".codex"
        codex(own, HOUR)
        (fleet.agent(name) / ".env").write_text(f"CODEX_HOME={own}\n")
    ctx = context(fleet)
    (hazard,) = [h for h in hazards(ctx, look_at_stores(ctx)) if h.code == "copied_login"]
    assert hazard.agents == ("codex-1", "codex-2")
    second = fleet.agent("codex-2") / ".codex"
    assert hazard.next == f"A human logs in: CODEX_HOME={second} codex login"
    codex(second, HOUR, "its own")
    assert "copied_login" not in [h.code for h in hazards(ctx, look_at_stores(ctx))]


def test_a_store_of_codex_that_cannot_be_read_is_reported_with_its_own_way_to_log_in(fleet: DemoFleet) -> None:
    store = fleet.home / ".codex" / "auth.json"
    write(store, []).write_bytes(b"")
    answer = TOKEN_CHECK.run(context(fleet), Params())
    assert [s.state for s in answer.stores] == ["healthy", "unreadable"]
    assert answer.next == f"Look at it: ls -la {store}"
    write(store, {"tokens": {"access_token": "", "refresh_token": ""}})
    assert TOKEN_CHECK.run(context(fleet), Params()).next == (
        f"A human logs in: CODEX_HOME={store.parent} codex login"
    )
    assert TOKEN_REFRESH.run(context(fleet), RefreshParams()).outcome == "not_needed"


def in_env(fleet: DemoFleet, name: str, line: str) -> None:
    with (fleet.agent(name) / ".env").open("a") as file:
        file.write(f"{line}\n")


def of_account(folder: Path, seed: str, account: str) -> Path:
    store = codex(folder, HOUR, seed)
    document = json.loads(store.read_text())
    document["tokens"]["account_id"] = account
    return write(store, document)


def test_a_copy_of_the_hosts_own_codex_login_is_found_though_no_agent_uses_the_hosts(fleet: DemoFleet) -> None:
    for folder in (fleet.home / ".codex", fleet.agent("codex-1") / ".codex"):
        of_account(folder, "copied", "account-1")
    in_env(fleet, "codex-1", f"CODEX_HOME={fleet.agent('codex-1') / '.codex'}")
    host, own = others(fleet)
    assert ((host.agents, own.agents), {host.account, own.account}) == (((), ("codex-1",)), {"account-1"})
    (hazard,) = (each for each in hazards(context(fleet), (host, own)) if each.code == "copied_login")
    assert (hazard.agents, str(own.folder) in hazard.next) == (("codex-1",), True)
    codex(own.folder, HOUR, "a login of its own")  # as the step has a human do
    assert "copied_login" not in [each.code for each in hazards(context(fleet), tuple(others(fleet)))]


@pytest.mark.parametrize("way", ["file", "folder", "file of another name"])
def test_codex_writes_through_a_link_so_that_the_store_behind_it_is_the_one(fleet: DemoFleet, way: str) -> None:
    shared, own = codex(fleet.home / ".codex", HOUR), fleet.agent("codex-1") / ".codex"
    match way:
        case "folder":
            own.symlink_to(shared.parent)
        case "file":
            own.mkdir()
            (own / "auth.json").symlink_to(shared)
        case _:
            own.mkdir()
            shared = shared.rename(fleet.home / "codex-login.json")
            (own / "auth.json").symlink_to(shared)
    in_env(fleet, "codex-1", f"CODEX_HOME={own}")
    (store,) = others(fleet)
    assert (store.path, store.state, store.agents) == (shared, "healthy", ("codex-1",))
    found = hazards(context(fleet), look_at_stores(context(fleet)))
    assert [each.code for each in found if each.code in ("symlinked_store", "copied_login")] == []


def test_a_link_of_codex_that_leads_nowhere_is_told_without_a_false_reason(fleet: DemoFleet) -> None:
    own = fleet.agent("codex-1") / ".codex"
    own.mkdir()
    (own / "auth.json").symlink_to("auth.json")
    in_env(fleet, "codex-1", f"CODEX_HOME={own}")
    answer = TOKEN_CHECK.run(context(fleet), Params())
    assert not TOKEN_CHECK.ok(answer)
    assert "replaces it by a file" not in TOKEN_CHECK.text(answer)
