"""`ops token refresh` of a login that `fleet.toml` describes, against a real server that revokes a login on reuse."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mcp_server.demo.fleet import DemoFleet
from tests.e2e.authorization_server import AuthorizationServer, authorization_server
from tests.e2e.claude import PLUGIN

pytestmark = pytest.mark.e2e
LIMIT = 120


@pytest.fixture(scope="module")
def server() -> Generator[AuthorizationServer]:
    with authorization_server() as found:
        yield found


@pytest.fixture
def store(fleet: DemoFleet, server: AuthorizationServer, tmp_path: Path) -> Path:
    """A login that has lapsed, described in `fleet.toml`."""
    server.events.clear()
    tokens = server.log_in()
    path = tmp_path / "tokens.json"
    document = {"kept": [1.0], "login": {"at": tokens["access_token"], "rt": tokens["refresh_token"], "until": 1}}
    path.touch(0o600)
    path.write_text(json.dumps(document, indent=4))
    pointers = 'access = "/login/at"\nrefresh = "/login/rt"\nexpires = "/login/until"\n'
    with (fleet.root / "fleet.toml").open("a") as file:
        file.write(f'[logins.tracker]\nendpoint = "{server.endpoint}"\nclient_id = "fleet"\nstore = "{path}"\n')
        file.write(pointers)
    return path


def login(store: Path) -> dict[str, Any]:
    return json.loads(store.read_text())["login"]


def start(fleet: DemoFleet) -> subprocess.Popen[str]:
    own = {"PATH": os.environ["PATH"], "HOME": str(fleet.home), "OPS_HOME": str(fleet.folder / "ops")}
    command = [sys.executable, "-m", "mcp_server.cli", "--json", "--fleet", str(fleet.root), "token", "refresh"]
    pipe, own = subprocess.PIPE, {**own, "PYTHONPATH": str(PLUGIN)}
    return subprocess.Popen(command, env=own, stdout=pipe, stderr=pipe, text=True)


def told(caller: subprocess.Popen[str], store: Path) -> str:
    out, errors = caller.communicate(timeout=LIMIT)
    assert not errors
    assert not [token for token in (login(store)["at"], login(store)["rt"]) if token in out]
    return next(found["outcome"] for found in json.loads(out)["stores"] if found["path"] == str(store))


def lapse(store: Path) -> None:
    document = json.loads(store.read_text())
    document["login"]["until"] = 1
    store.write_text(json.dumps(document))


def test_a_lapsed_login_is_renewed_again_and_again_and_the_rest_of_its_file_stays(
    fleet: DemoFleet, server: AuthorizationServer, store: Path
) -> None:
    seen = [login(store)]
    for _ in range(3):
        assert told(start(fleet), store) == "refreshed"
        seen.append(login(store))
        assert 60 < login(store)["until"] - time.time() <= 121
        lapse(store)
    assert len({each["rt"] for each in seen}) == 4
    assert json.loads(store.read_text())["kept"] == [1.0]
    assert server.events == ["rotated"] * 3


def test_ten_callers_cause_one_grant_and_the_login_lives(
    fleet: DemoFleet, server: AuthorizationServer, store: Path
) -> None:
    callers = [start(fleet) for _ in range(10)]
    outcomes = Counter(told(caller, store) for caller in callers)
    assert outcomes["refreshed"] >= 1
    assert set(outcomes) <= {"refreshed", "not_needed"}
    assert server.events == ["rotated"]
    lapse(store)
    assert told(start(fleet), store) == "refreshed"


def test_a_copy_of_a_login_is_refused_and_nothing_is_sent(
    fleet: DemoFleet, server: AuthorizationServer, store: Path
) -> None:
    copy = store.with_name("copy.json")
    copy.write_bytes(store.read_bytes())
    described = (fleet.root / "fleet.toml").read_text()
    other = (
        described[described.index("[logins.tracker]") :].replace("tracker", "other").replace(str(store), str(copy))
    )
    (fleet.root / "fleet.toml").write_text(described + other)
    assert told(start(fleet), store) == "refused"
    assert told(start(fleet), copy) == "refused"
    assert server.events == []


def test_without_us_callers_at_once_revoke_the_login(server: AuthorizationServer, store: Path) -> None:
    """The baseline: each client renews when it finds the token lapsed."""
    token = login(store)["rt"]
    with ThreadPoolExecutor(4) as clients:
        assert sorted(clients.map(server.refresh, [token] * 4)) == [200, 400, 400, 400]
    assert "revoked" in server.events


def test_a_spent_token_is_sent_once_and_never_again(
    fleet: DemoFleet, server: AuthorizationServer, store: Path
) -> None:
    assert server.refresh(login(store)["rt"]) == 200
    assert told(start(fleet), store) == "needs_login"
    before = list(server.events)
    assert told(start(fleet), store) == "needs_login"
    assert server.events == before
    fresh = server.log_in()
    document = {"login": {"at": fresh["access_token"], "rt": fresh["refresh_token"], "until": 1}}
    store.write_text(json.dumps(document))
    assert told(start(fleet), store) == "refreshed"
